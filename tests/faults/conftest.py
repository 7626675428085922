"""Everything runs for real: PostgreSQL, Valkey, both stand-ins and sync's workers are processes of these tests' own."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import redis.asyncio

from services.kit.base.crypto import Sealer
from services.kit.base.db import Database
from services.kit.ledger.queue import RedisQueue
from services.kit.upstream.rates import RateLimiter
from services.sync.upstreams import Upstreams
from tests.faults.desk import FarDesk
from tests.faults.house import House, Workers, started_stand_in, wait_for, worker_environment
from tests.faults.scene import Scene
from tests.faults.wire import Wire
from tests.faults.world import APPXITE_WORLD, CODEBASE, CONNECTWISE_WORLD
from tests.support.backends import TEMPLATE, RunningBackends
from tests.support.databases import TestDatabase
from tests.sync.conftest import SEALING_KEY


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        connectwise = stack.enter_context(started_stand_in("connectwise", folder))
        appxite = stack.enter_context(started_stand_in("appxite", folder))
        running = RunningBackends()
        backends = running.start()
        stack.callback(running.stop)
        database, redis_url = TestDatabase(backends, TEMPLATE), backends.redis_database(0)
        workers = Workers(worker_environment(database, redis_url), folder)
        stack.callback(workers.end)
        wait_for(connectwise)
        wait_for(appxite)
        yield House(running, database, redis_url, connectwise, appxite, workers)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database(house: House) -> AsyncIterator[TestDatabase]:
    """This house's database; rows that a test commits are gone after it."""
    yield house.database
    await house.database.empty()


@pytest.fixture
async def redis_url(house: House) -> AsyncIterator[str]:
    yield house.redis_url
    async with redis.asyncio.Redis.from_url(house.redis_url) as client:
        await client.flushdb()


@pytest.fixture
async def wire(house: House) -> AsyncIterator[Wire]:
    """Between the workers and ConnectWise."""
    wire = Wire(house.connectwise.port)
    await wire.connect()
    yield wire
    await wire.cut()


@pytest.fixture
async def desk(house: House, database: TestDatabase, redis_url: str, wire: Wire) -> AsyncIterator[FarDesk]:
    """A partner whose systems are the stand-ins; what it orders and what billing answers rings the workers."""
    await house.connectwise.order("reset")
    await house.connectwise.order("codebase", codebase=CODEBASE)
    await house.connectwise.order("world", **CONNECTWISE_WORLD)
    await house.appxite.order("reset")
    await house.appxite.order("world", **APPXITE_WORLD)
    own = Database(f"postgresql+asyncpg://{database.url('sync').partition('://')[2]}", "sync")
    bells = RedisQueue(redis_url)
    own.ring = bells.ring
    async with httpx.AsyncClient(trust_env=False) as http:
        limiter = RateLimiter(None)
        partner = FarDesk(uuid4(), own, Upstreams(http, Sealer(SEALING_KEY), limiter, limiter))
        await partner.connect(wire.address, address=house.appxite.address)
        yield partner
    await bells.close()
    await own.close()


@pytest.fixture
async def scene(house: House, desk: FarDesk, wire: Wire, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    yield Scene(house, desk, wire)
    if request.session.testsfailed:
        print(house.workers.output())  # noqa: T201 - pytest shows it with the failure
