"""The ledger's promise, kept by real processes that are really killed: each effect exactly once, nothing left."""

import random
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from deploy.local.servers import ValkeyServer
from services.kit.base.db import Database
from services.kit.base.settings import asyncpg_url
from services.kit.ledger.bus import publish_all
from services.kit.ledger.jobs import order
from services.kit.ledger.queue import RedisQueue
from tests.kit.conftest import RUNS, Errand, in_the_name_of, rows_loaded, until
from tests.kit.probe import STEPS, TABLES
from tests.support.databases import TestDatabase
from tests.support.processes import PythonProcess, StartPython

pytestmark = pytest.mark.faults

EVENTS = 2_000
PARTNERS = [uuid4() for _ in range(3)]
StartWorker = Callable[..., PythonProcess]
Connection: TypeAlias = Any  # asyncpg ships no types


@pytest.fixture
async def connection(fresh_database: TestDatabase) -> AsyncIterator[Connection]:
    """The owner's, to a database with the probe's tables."""
    connection = await asyncpg.connect(fresh_database.url())
    await connection.execute(TABLES)
    yield connection
    await connection.close()


@pytest.fixture
async def producer(
    fresh_database: TestDatabase, connection: Connection, own_valkey: ValkeyServer
) -> AsyncIterator[Database]:
    database, bells = Database(asyncpg_url(fresh_database.url("sync")), "sync"), RedisQueue(own_valkey.url())
    database.ring = bells.ring
    yield database
    await bells.close()
    await database.close()


@pytest.fixture
def start_worker(fresh_database: TestDatabase, own_valkey: ValkeyServer, start_python: StartPython) -> StartWorker:
    def start(service: str, **probe: str) -> PythonProcess:
        told = {
            "TIEOUT_DATABASE_URL": fresh_database.url(service),
            "TIEOUT_REDIS_URL": own_valkey.url(),
            "TIEOUT_INTERNAL_KEY": "x" * 32,
            "TIEOUT_LOG_LEVEL": "INFO",
        }
        return start_python("-m", "tests.kit.probe", service, env=told | probe)

    return start


class Chaos:
    """Two workers for each consumer; one of them is killed, or Redis flushed, as often as asked."""

    def __init__(self, start_worker: StartWorker, valkey: ValkeyServer) -> None:
        self._start, self._valkey = start_worker, valkey
        self._dice = random.Random(20260315)  # noqa: S311 - repeatable chaos
        self.workers = [(service, self._begin(service)) for service in ("billing", "audit") * 2]

    def _begin(self, service: str) -> PythonProcess:
        return self._start(service, PROBE_FAILING="0.05")

    def kill_one(self) -> None:
        place = self._dice.randrange(len(self.workers))
        service, worker = self.workers[place]
        assert worker.is_running, worker.output()[-2000:]
        worker.kill()
        self.workers[place] = service, self._begin(service)

    async def flush(self) -> None:
        async with Redis.from_url(self._valkey.url()) as client:
            await client.flushall()


class TestLedger:
    @pytest.mark.timeout(300)  # 15 s on two free cores
    async def test_kills_flushes_and_failures_lose_nothing_and_double_nothing(
        self, producer: Database, connection: Connection, start_worker: StartWorker, own_valkey: ValkeyServer
    ) -> None:
        chaos = Chaos(start_worker, own_valkey)

        async def handled() -> int:
            return int(await connection.fetchval("SELECT count(*) FROM bus.delivery WHERE handled_at IS NOT NULL"))

        published: list[UUID] = []
        for batch in range(EVENTS // 20):
            async with producer.writing(in_the_name_of(PARTNERS[batch % 3])) as session:
                published += await publish_all(session, [(rows_loaded(part), "run/1") for part in range(20)])

        for reached in (200, 700, 1300, 2000, 2600, 3200):

            async def is_reached(count: int = reached) -> bool:
                return await handled() >= count

            await until(is_reached, 120)
            chaos.kill_one()
            if reached in (700, 2000):
                await chaos.flush()

        async def is_done() -> bool:
            return await handled() == 2 * EVENTS

        await until(is_done, 120)

        for service in ("billing", "audit"):
            effects = await connection.fetch(f"SELECT event_id FROM {service}.effect")  # noqa: S608 - our own name
            assert sorted(row["event_id"] for row in effects) == sorted(published)
        faults = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE attempts > 1) AS retried, count(*) FILTER (WHERE rings > 0) AS swept,"
            " count(*) FILTER (WHERE rested_at IS NOT NULL) AS rested FROM bus.delivery"
        )
        assert faults is not None
        assert faults["retried"] > EVENTS * 2 * 0.02, "the ordered failures did happen"
        assert faults["swept"] > 0, "and bells did get lost"
        assert faults["rested"] == 0


class TestLongWork:
    @pytest.fixture
    async def job_id(self, producer: Database) -> UUID:
        async with producer.writing(in_the_name_of(PARTNERS[0])) as session:
            return await order(session, RUNS, Errand(), "run/1")

    async def _wait_until_it_holds(self, connection: Connection) -> None:
        async def holds() -> bool:
            return bool(await connection.fetchval("SELECT count(*) > 5 FROM sync.step"))

        await until(holds, 60)

    async def _wait_for_the_end(self, connection: Connection) -> None:
        async def is_done() -> bool:
            query = "SELECT count(*) FROM bus.job WHERE handled_at IS NOT NULL"
            return bool(await connection.fetchval(query))

        await until(is_done, 60)

    async def _assert_each_step_happened_once(self, connection: Connection) -> None:
        steps = await connection.fetch("SELECT step, process FROM sync.step")
        assert sorted(row["step"] for row in steps) == list(range(STEPS))
        assert len({row["process"] for row in steps}) == 2

    async def test_a_stopping_worker_hands_its_job_over_at_once(
        self, job_id: UUID, connection: Connection, start_worker: StartWorker
    ) -> None:
        first = start_worker("sync", PROBE_LEASE="3600", PROBE_HOLD="5")
        await self._wait_until_it_holds(connection)

        assert first.terminate() == 0
        handed_back = await connection.fetchrow("SELECT * FROM bus.job")
        assert handed_back is not None
        assert (handed_back["lease_id"], handed_back["attempts"]) == (None, 0)
        start_worker("sync", PROBE_LEASE="3600")
        await self._wait_for_the_end(connection)

        await self._assert_each_step_happened_once(connection)

    async def test_a_killed_workers_job_is_taken_over_when_its_lease_ends(
        self, job_id: UUID, connection: Connection, start_worker: StartWorker
    ) -> None:
        first = start_worker("sync", PROBE_LEASE="2", PROBE_HOLD="5")
        await self._wait_until_it_holds(connection)
        second = start_worker("sync", PROBE_LEASE="2")
        second.wait_for_output("worker ready")
        leased = "SELECT leased_until > now() FROM bus.job"
        assert await connection.fetchval(leased), "nobody takes a job from a worker that lives"

        first.kill()
        await self._wait_for_the_end(connection)

        await self._assert_each_step_happened_once(connection)
        attempts = await connection.fetchval("SELECT attempts FROM bus.job")
        assert attempts == 2, "a worker that died counts"

    async def test_a_worker_frozen_past_its_lease_changes_nothing_when_it_wakes(
        self, job_id: UUID, connection: Connection, start_worker: StartWorker
    ) -> None:
        first = start_worker("sync", PROBE_LEASE="2", PROBE_HOLD="5")
        await self._wait_until_it_holds(connection)
        first.popen.send_signal(signal.SIGSTOP)
        start_worker("sync", PROBE_LEASE="2")
        await self._wait_for_the_end(connection)

        first.popen.send_signal(signal.SIGCONT)
        first.wait_for_output("lease lost")

        await self._assert_each_step_happened_once(connection)
        assert first.terminate() == 0


class TestStop:
    @pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
    async def test_a_worker_stops_cleanly_when_asked(
        self, connection: Connection, start_worker: StartWorker, name: signal.Signals
    ) -> None:
        worker = start_worker("billing")
        worker.wait_for_output("worker ready")

        worker.popen.send_signal(name)

        assert worker.popen.wait(15) == 0
        assert "worker stopped" in worker.output()
        assert "Traceback" not in worker.output()
        left = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name LIKE 'tieout-%' AND datname = current_database()"
        )
        assert left == 0
