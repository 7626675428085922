import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.local.servers import PostgresServer
from services.kit.base.db import Bell, Database, StatementLimits, copy_rows, system_circumstances
from services.kit.base.ids import new_id
from services.kit.base.log import own_log_context
from services.kit.base.settings import asyncpg_url
from services.kit.ledger.live import announce_after_commit
from services.kit.ledger.queue import MemoryQueue
from services.kit.web.database_errors import DatabaseIsAway, explain_database_error
from tests.kit.conftest import Ledger, in_the_name_of, leave_trace, rows_loaded, until
from tests.support.backends import TEMPLATE

SLEEPERS = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"


class TestReading:
    async def test_the_database_refuses_a_write(self, sync_db: Database, partner: UUID) -> None:
        async with sync_db.reading(in_the_name_of(partner)) as session:
            with pytest.raises(DBAPIError, match="read-only transaction"):
                await leave_trace(session, "no")  # type: ignore[arg-type]

    async def test_the_connection_it_used_writes_again_for_the_next(
        self, open_database: Callable[..., Database], partner: UUID, ledger: Ledger
    ) -> None:
        database = open_database(pool_size=1)
        async with database.reading(in_the_name_of(partner)) as session:
            await session.execute(text("SELECT 1"))
        async with database.writing(in_the_name_of(partner)) as session:
            await leave_trace(session, "yes")

        assert await ledger.traces() == ["yes"]

    async def test_it_knows_its_circumstances(self, sync_db: Database, partner: UUID) -> None:
        circumstances = system_circumstances(partner, "sync")

        async with sync_db.reading(circumstances) as session:
            assert session.circumstances == circumstances
        assert circumstances.actor.id == "system"
        assert UUID(circumstances.correlation_id).version == 7


class TestWriting:
    async def test_it_commits_at_its_edge(self, sync_db: Database, partner: UUID, ledger: Ledger) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await leave_trace(session, "kept")
            assert await ledger.traces() == []

        assert await ledger.traces() == ["kept"]

    async def test_an_error_takes_everything_back(self, sync_db: Database, partner: UUID, ledger: Ledger) -> None:
        async def fail() -> None:
            async with sync_db.writing(in_the_name_of(partner)) as session:
                await leave_trace(session, "lost")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()

        assert await ledger.traces() == []

    async def test_it_rings_and_tells_after_the_commit_and_without_its_connection(
        self, open_database: Callable[..., Database], partner: UUID, ledger: Ledger
    ) -> None:
        database = open_database(pool_size=1, overflow=0)
        bell, seen = Bell("billing", new_id()), list[Any]()

        async def ring(bells: Any) -> None:
            async with database.reading(in_the_name_of(partner)) as session:
                seen.append((list(bells), (await session.execute(text("SELECT 1"))).scalar_one()))

        async def tell(announcements: Any) -> None:
            seen.append([each.kind for each in announcements])

        database.ring, database.announce = ring, tell
        async with database.writing(in_the_name_of(partner)) as session:
            session.bells.append(bell)
            announce_after_commit(session, "run", rows_loaded())
            await leave_trace(session, "kept")

        assert seen == [([bell], 1), ["run"]]

    async def test_without_a_queue_the_sweep_is_left_to_ring(self, sync_db: Database, partner: UUID) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            session.bells.append(Bell("billing", new_id()))
            announce_after_commit(session, "run", rows_loaded())

    async def test_a_failed_commit_rings_nobody(self, sync_db: Database, partner: UUID, bells: MemoryQueue) -> None:
        async def fail_at_commit() -> None:
            async with sync_db.writing(in_the_name_of(partner)) as session:
                session.bells.append(Bell("billing", new_id()))
                await session.execute(text("CREATE TEMPORARY TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
                await session.execute(text("INSERT INTO late VALUES (1), (1)"))

        with pytest.raises(DBAPIError, match="duplicate key"):
            await fail_at_commit()

        assert bells.rung == []

    async def test_a_cancelled_transaction_gives_its_connection_back(
        self, open_database: Callable[..., Database], partner: UUID, ledger: Ledger
    ) -> None:
        database = open_database(pool_size=1, overflow=0)

        async def sleep() -> None:
            async with database.writing(in_the_name_of(partner)) as session:
                await leave_trace(session, "lost")
                await session.execute(text("SELECT pg_sleep(60)"))

        for _ in range(3):
            task = asyncio.create_task(sleep())

            async def is_asleep() -> bool:
                return bool(await ledger.connection.fetchval(SLEEPERS))

            await until(is_asleep)
            task.cancel()
            await asyncio.wait({task})

        async with database.writing(in_the_name_of(partner)) as session:
            await leave_trace(session, "kept")
        assert await ledger.traces() == ["kept"]


class TestLimits:
    async def test_a_transaction_that_froze_gives_its_locks_to_others(
        self, open_database: Callable[..., Database], partner: UUID
    ) -> None:
        limits = StatementLimits(statement=20, lock=20, idle=1)
        frozen, other = open_database(limits=limits), open_database(limits=limits)
        lock = text("SELECT pg_advisory_xact_lock(4711)")

        async def wake_up() -> None:
            async with frozen.writing(in_the_name_of(partner)) as session:
                await session.execute(lock)
                async with other.writing(in_the_name_of(partner)) as waiting:
                    await waiting.execute(lock)
                await session.execute(text("SELECT 1"))

        with pytest.raises(DBAPIError) as caught:
            await wake_up()
        assert isinstance(explain_database_error(caught.value), DatabaseIsAway)


class TestCopyRows:
    async def test_rows_stream_into_a_temporary_table(self, sync_db: Database, partner: UUID) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await session.execute(text("CREATE TEMPORARY TABLE rows (n integer, name text) ON COMMIT DROP"))
            await copy_rows(session, "rows", ["n", "name"], ((n, f"row {n}") for n in range(1000)))
            counted = await session.execute(text("SELECT count(*), min(name) FROM rows"))

            assert tuple(counted.one()) == (1000, "row 0")

    async def test_a_session_without_a_connection_is_a_fault(self) -> None:
        async def connection() -> Any:
            return SimpleNamespace(get_raw_connection=raw)

        async def raw() -> Any:
            return SimpleNamespace(driver_connection=None)

        session: Any = SimpleNamespace(connection=connection)

        with pytest.raises(RuntimeError, match="no open connection"):
            await copy_rows(session, "rows", ["n"], [])


class TestIsReachable:
    async def test_a_database_that_is_there(self, sync_db: Database) -> None:
        assert await sync_db.is_reachable()

    async def test_a_database_that_is_not_is_no_error(
        self, free_port: Callable[[], int], logged: list[dict[str, Any]]
    ) -> None:
        database = Database(f"postgresql+asyncpg://nobody:none@127.0.0.1:{free_port()}/none", "sync")

        with own_log_context():
            assert not await database.is_reachable()

        await database.close()
        assert [each["event"] for each in logged] == ["database does not answer"]


@pytest.mark.faults
class TestRestartedPostgres:
    @pytest.fixture
    async def pool(self, own_postgres: PostgresServer, partner: UUID) -> AsyncIterator[Database]:
        """Five connections, open and idle."""
        database = Database(asyncpg_url(own_postgres.url(TEMPLATE)), "sync")
        await self._use_all(database, partner)
        yield database
        await database.close()

    async def _use_all(self, database: Database, partner: UUID) -> list[Any]:
        async def use() -> None:
            async with database.writing(in_the_name_of(partner)) as session:
                await session.execute(text("SELECT pg_sleep(0.05)"))

        return await asyncio.gather(*(use() for _ in range(5)), return_exceptions=True)

    async def test_idle_connections_cost_nothing(
        self, own_postgres: PostgresServer, pool: Database, partner: UUID
    ) -> None:
        own_postgres.stop()
        own_postgres.start()

        assert await self._use_all(pool, partner) == [None] * 5

    async def test_a_killed_server_costs_the_statement_it_was_at_and_no_other(
        self, own_postgres: PostgresServer, pool: Database, partner: UUID
    ) -> None:
        async def sleep() -> None:
            async with pool.writing(in_the_name_of(partner)) as session:
                await leave_trace(session, "lost")
                await session.execute(text("SELECT pg_sleep(60)"))

        running = asyncio.create_task(sleep())
        watcher = await asyncpg.connect(own_postgres.url(TEMPLATE))

        async def is_asleep() -> bool:
            return bool(await watcher.fetchval(SLEEPERS))

        await until(is_asleep)
        watcher.terminate()
        own_postgres.kill()
        await asyncio.wait({running})
        own_postgres.start()

        error = running.exception()
        assert isinstance(error, DBAPIError)
        assert isinstance(explain_database_error(error), DatabaseIsAway)
        assert await self._use_all(pool, partner) == [None] * 5
        async with pool.reading(in_the_name_of(partner)) as session:
            assert (await session.execute(text("SELECT count(*) FROM bus.idempotency"))).scalar_one() == 0
