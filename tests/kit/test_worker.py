import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from services.contracts.events.sync import RowsLoaded
from services.kit.base.db import Database
from services.kit.base.settings import ServiceSettings
from services.kit.ledger import relay
from services.kit.ledger.queue import RedisQueue
from services.kit.ledger.work import JobContext
from services.kit.ledger.worker import EFFECT_SLOTS, WORK_SLOTS, ServiceWorker, run, serve
from tests.kit.conftest import Errand, Ledger, Publish, leave_trace, trace_event, until
from tests.kit.shop import settings_for
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.usefixtures("quiet_logging")


@pytest.fixture
def settings(database: TestDatabase, redis_url: str) -> ServiceSettings:
    return settings_for(database.url("sync"), redis_url)


@pytest.fixture
async def bell(sync_db: Database, redis_url: str) -> AsyncIterator[None]:
    bells = RedisQueue(redis_url)
    sync_db.ring = bells.ring
    yield
    await bells.close()


@asynccontextmanager
async def served(one: ServiceWorker, settings: ServiceSettings) -> AsyncIterator["asyncio.Task[None]"]:
    serving = asyncio.create_task(serve(one, settings, sweep_seconds=0.05))
    yield serving
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


class TestServe:
    @pytest.mark.usefixtures("bell")
    async def test_effects_are_made_and_work_is_done_in_one_process(
        self, database: TestDatabase, redis_url: str, publish_rows: Publish, order_work: Publish, ledger: Ledger
    ) -> None:
        seen: list[str] = []

        @asynccontextmanager
        async def resources(_database: Database) -> AsyncIterator[str]:
            seen.append("open")
            try:
                yield "a resource"
            finally:
                seen.append("closed")

        async def work(context: JobContext[str], errand: Errand) -> None:
            async with context.writing() as session:
                await leave_trace(session, f"{context.resources} for {errand.what}")

        billing = ServiceWorker("billing", {RowsLoaded: trace_event})
        sync = ServiceWorker("sync", {}, {Errand: work}, resources)
        async with (
            served(billing, settings_for(database.url("billing"), redis_url)),
            served(sync, settings_for(database.url("sync"), redis_url)),
        ):
            effect, _ = await publish_rows(), await order_work()

            async def are_done() -> bool:
                return set(await ledger.traces()) == {str(effect), "a resource for bread"}

            await until(are_done)

        assert seen == ["open", "closed"]

    async def test_what_nobody_rang_is_swept(
        self, database: TestDatabase, redis_url: str, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, "next_attempt_at = now()")

        billing = ServiceWorker("billing", {RowsLoaded: trace_event})
        async with served(billing, settings_for(database.url("billing"), redis_url)):

            async def is_done() -> bool:
                return await ledger.traces() == [str(event_id)]

            await until(is_done)

    async def test_a_stop_signal_ends_it_and_leaves_nothing_running(
        self, settings: ServiceSettings, logged: list[dict[str, Any]]
    ) -> None:
        before = asyncio.all_tasks()
        serving = asyncio.create_task(serve(ServiceWorker("sync", {}, {Errand: trace_event}), settings))  # type: ignore[dict-item]
        await until(lambda: any(each["event"] == "worker ready" for each in logged))

        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(serving, 20)

        assert asyncio.all_tasks() == before
        assert [each["event"] for each in logged] == ["worker ready", "worker stopped"]

    async def test_cancelling_it_leaves_nothing_running_either(self, settings: ServiceSettings) -> None:
        before = asyncio.all_tasks()

        async with served(ServiceWorker("sync", {}), settings) as serving:
            await until(lambda: len(asyncio.all_tasks()) > len(before) + 2)

        assert serving.cancelled()
        assert asyncio.all_tasks() == before

    async def test_a_duty_that_ends_by_itself_ends_the_worker(
        self, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever runs it starts another; a worker without its sweep would look well and lose time for ever."""

        async def fail(_database: Database, _pause: float) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(relay, "sweep_forever", fail)

        with pytest.raises(ExceptionGroup) as raised:
            await serve(ServiceWorker("sync", {}), settings)

        assert raised.group_contains(RuntimeError, match="a bug")

    async def test_it_keeps_its_schedule_from_its_start(self, settings: ServiceSettings) -> None:
        kept: list[str] = []

        async def keep(database: Database) -> None:
            kept.append(database.service)
            await asyncio.Event().wait()

        async with served(ServiceWorker("sync", {}, schedule=keep), settings):
            await until(lambda: bool(kept))

        assert kept == ["sync"]

    async def test_a_heartbeat_file_shows_that_its_loop_turns(
        self, database: TestDatabase, redis_url: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "alive"
        settings = settings_for(database.url("sync"), redis_url, heartbeat_file=file)

        async with served(ServiceWorker("sync", {}), settings):
            await until(file.exists)

    async def test_its_pool_has_room_for_everything_at_once(
        self, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A heartbeat that waits for a connection loses its lease."""
        opened: list[Database] = []

        @asynccontextmanager
        async def keep(database: Database) -> AsyncIterator[None]:
            opened.append(database)
            yield

        async with served(ServiceWorker("sync", {}, resources=keep), settings):
            await until(lambda: bool(opened))
            pool: Any = opened[0]._engine.pool

        heartbeats, sweep = WORK_SLOTS, 1
        assert pool.size() + pool._max_overflow >= EFFECT_SLOTS + 2 * WORK_SLOTS + heartbeats + sweep


class TestRun:
    def test_it_serves_until_stopped(self, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch) -> None:
        ran: list[str] = []

        def look(coroutine: Coroutine[Any, Any, None]) -> None:
            ran.append(repr(coroutine))
            coroutine.close()

        monkeypatch.setattr(uvloop, "run", look)
        run(ServiceWorker("sync", {}), settings)

        assert [" serve " in each for each in ran] == [True]
