"""Clients that send or read slowly cost everybody else nothing."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import httpx
import pytest
import yaml

from services.contracts.vocabulary import Role
from services.gateway import forwarding
from tests.gateway.conftest import Door, OpenDoor
from tests.gateway.service import DOCUMENT, Service

OWNER = "owner@northwind.example"
SLOW = 150
BODY_SECONDS = 5


@pytest.fixture
async def door(open_door: OpenDoor, service: Service, tmp_path: Path) -> AsyncIterator[Door]:
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT))
    async with open_door(sync_url=service.url, openapi_file=file, body_seconds=BODY_SECONDS, forward_seconds=1) as door:
        await door.make_partner(OWNER)
        yield door


class SendRaw(Protocol):
    async def __call__(self, verb: str, path: str, client: httpx.AsyncClient, *lines: str) -> asyncio.StreamReader: ...


@pytest.fixture
async def send_raw(door: Door) -> AsyncIterator[SendRaw]:
    """Sends the head of a request as text, and nothing after it."""
    writers: list[asyncio.StreamWriter] = []

    async def send(verb: str, path: str, client: httpx.AsyncClient, *lines: str) -> asyncio.StreamReader:
        url = httpx.URL(door.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writers.append(writer)
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        own = [f"Cookie: {cookies}", f"X-CSRF-Token: {client.headers['X-CSRF-Token']}"]
        writer.write("\r\n".join([f"{verb} {path} HTTP/1.1", "Host: tieout", *own, *lines, "", ""]).encode())
        await writer.drain()
        return reader

    yield send
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


class TestBodiesThatNeverCome:
    async def test_150_of_them_keep_nobody_else_waiting(self, door: Door, service: Service, send_raw: SendRaw) -> None:
        viewer, owner = await door.sign_in_as(Role.VIEWER), await door.sign_in(OWNER)
        waiting = [
            await send_raw("POST", "/api/v1/loads", viewer, "Content-Type: application/json", "Content-Length: 9")
            for _ in range(SLOW)
        ]

        started = time.perf_counter()
        for _ in range(20):
            assert (await owner.get("/api/v1/runs")).status_code == 200
        assert time.perf_counter() - started < BODY_SECONDS, "they waited for the bodies"

        answers = [await reader.read() for reader in waiting]
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
        assert b'"code":"body_too_slow"' in answers[0]
        assert b"application/problem+json" in answers[0]
        assert len(service.seen) == 20

    @pytest.mark.parametrize("verb", ["GET", "DELETE"])
    async def test_a_verb_without_a_body_waits_for_none(self, door: Door, send_raw: SendRaw, verb: str) -> None:
        owner = await door.sign_in(OWNER)
        path = "/api/v1/runs" if verb == "GET" else "/api/v1/session"
        reader = await send_raw(verb, path, owner, "Content-Length: 9")

        async with asyncio.timeout(1):
            assert (await reader.read()).split(b" ")[1][:1] == b"2"


class TestAnswersThatAreNotRead:
    async def test_they_hold_no_connection_to_the_service(self, door: Door, send_raw: SendRaw) -> None:
        owner = await door.sign_in(OWNER)
        unread = [await send_raw("GET", "/api/v1/runs?do=long", owner) for _ in range(SLOW)]

        assert (await owner.get("/api/v1/runs")).status_code == 200
        assert len(unread) == SLOW


class TestOnePartnersShare:
    async def test_another_partner_is_answered_while_one_asks_for_all_it_can(
        self, door: Door, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        viewer, owner = await door.sign_in_as(Role.VIEWER), await door.sign_in(OWNER)
        async with AsyncExitStack() as ended:
            for _ in range(SLOW):
                asked = asyncio.create_task(viewer.get("/api/v1/runs?do=sleep"))
                ended.callback(asked.cancel)
            await asyncio.sleep(0.3)

            assert (await owner.get("/api/v1/runs")).status_code == 200
            assert len(service.seen) <= forwarding.MOST_PER_PARTNER + 1

    async def test_who_waited_too_long_for_it_is_told_so(self, door: Door) -> None:
        viewer = await door.sign_in_as(Role.VIEWER)
        clients = [door.client(**viewer.headers) for _ in range(2)]
        for client in clients:
            client.cookies.update(viewer.cookies)
        asked = [clients[n % 2].get("/api/v1/runs?do=sleep") for n in range(forwarding.MOST_PER_PARTNER + 40)]

        answers = await asyncio.gather(*asked)

        assert {answer.json()["code"] for answer in answers} >= {"service_too_slow"}
        assert {answer.status_code for answer in answers} <= {429, 504}
