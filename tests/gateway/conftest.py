"""A running gateway with real sockets, a partner with one owner, and a stand-in for the services behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from services.contracts.vocabulary import Role
from services.gateway.cli import create_partner
from services.gateway.main import create
from services.gateway.people.service import Owner
from services.gateway.settings import GatewaySettings
from services.kit.base.db import Database
from services.kit.base.ids import new_id
from services.kit.base.settings import asyncpg_url
from tests.gateway.service import Service
from tests.support.backends import Backends
from tests.support.databases import TestDatabase

PASSWORD = "correct horse battery"
KEY = "a key that only this test run knows"


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The app on a loopback port, with its lifespan."""
    config = uvicorn.Config(app, port=0, log_config=None, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            assert not running.done(), "the server ended before it started"
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


@dataclass
class Door:
    """The gateway under test, and ways through it."""

    url: str
    database: TestDatabase
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10)
        self.clients.append(client)
        return client

    async def make_partner(self, email: str, name: str = "Northwind MSP") -> UUID:
        database = Database(asyncpg_url(self.database.url("gateway")), "gateway", pool_size=1)
        try:
            partner_id, _ = await create_partner(database, name, Owner(email, email.partition("@")[0], PASSWORD))
        finally:
            await database.close()
        return partner_id

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.AsyncClient:
        """A browser that is signed in and sends the CSRF header as the front end does."""
        client = self.client()
        answer = await client.post("/api/v1/session", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = client.cookies["tieout_csrf"]
        return client

    async def sign_in_as(self, role: Role) -> httpx.AsyncClient:
        """A browser of somebody who is nothing but `role`, at a partner of their own."""
        email = f"{role.value}@{new_id().hex}.example"
        await self.make_partner(email)
        await self.execute(
            "UPDATE gateway.membership SET roles = $1 WHERE account_id = "
            "(SELECT id FROM gateway.account WHERE email = $2)",
            [role.value],
            email,
        )
        return await self.sign_in(email)

    async def execute(self, statement: str, *arguments: object) -> None:
        """Change something as the database's owner, past every wall."""
        connection = await asyncpg.connect(self.database.url())
        await connection.execute(statement, *arguments)
        await connection.close()

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database.url())
        rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        await connection.close()
        return rows


OpenDoor = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture
def open_door(database: TestDatabase, redis_url: str) -> OpenDoor:
    """`async with open_door(sync_url=…) as door`: a gateway with settings of the test's choice."""

    @asynccontextmanager
    async def opened(**settings: str | Path | float) -> AsyncIterator[Door]:
        told = {"database_url": database.url("gateway"), "redis_url": redis_url, "internal_key": KEY, **settings}
        async with serving(create(GatewaySettings.model_validate(told))) as url:
            door = Door(url, database)
            try:
                yield door
            finally:
                for client in door.clients:
                    await client.aclose()

    return opened


@pytest.fixture(scope="session")
async def lonely_url(worker_database: TestDatabase, backends: Backends, worker_number: int) -> AsyncIterator[str]:
    """One gateway for all tests that need no more: what it remembers is found by secrets nobody has twice."""
    told = {
        "database_url": worker_database.url("gateway"),
        "redis_url": backends.redis_database(worker_number),
        "internal_key": KEY,
        **dict.fromkeys(("sync_url", "billing_url", "audit_url"), "http://127.0.0.1:9"),
    }
    async with serving(create(GatewaySettings.model_validate(told))) as url:
        yield url


@pytest.fixture
async def door(database: TestDatabase, redis_url: str, lonely_url: str) -> AsyncIterator[Door]:
    """A gateway whose services are all away."""
    door = Door(lonely_url, database)
    yield door
    for client in door.clients:
        await client.aclose()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    stand_in = Service()
    async with serving(stand_in) as url:
        stand_in.url = url
        yield stand_in
        stand_in.go_on.set()
