"""What is old and done goes at night; what anybody still needs stays, whatever its age."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kit.base.db import Database, WriteSession
from services.kit.ledger import bus, retention
from services.kit.ledger.models import IdempotencyRow
from services.kit.ledger.retention import Retention, purge_all, retentions_of_bus, seconds_until_night
from tests.kit.conftest import Ledger, Publish, in_the_name_of
from tests.support.databases import TestDatabase

BUS = retentions_of_bus(events_days=30, idempotency_days=30)


async def age(ledger: Ledger, days: int) -> None:
    await ledger.connection.execute("UPDATE bus.event SET occurred_at = now() - make_interval(days => $1)", days)


@pytest.fixture(autouse=True)
def ids_of_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id begins with the time of its making: these are older than any event that a test makes old."""
    numbers = itertools.count(1)
    monkeypatch.setattr(bus, "new_id", lambda: UUID(int=next(numbers)))


async def handle_all(ledger: Ledger) -> None:
    await ledger.connection.execute("UPDATE bus.delivery SET handled_at = now()")


async def counts(ledger: Ledger) -> tuple[int, int]:
    row = await ledger.connection.fetchrow(
        "SELECT (SELECT count(*) FROM bus.event), (SELECT count(*) FROM bus.delivery)"
    )
    return row[0], row[1]


class TestEvents:
    async def test_handled_ones_go_with_their_deliveries_when_they_are_old(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        for _ in range(3):
            await publish_rows()
        await handle_all(ledger)
        await age(ledger, 31)
        await publish_rows()
        await handle_all(ledger)

        await purge_all(sync_db, BUS)

        assert await counts(ledger) == (1, 2)

    @pytest.mark.parametrize("state", ["handled_at = NULL", "handled_at = NULL, rested_at = now()"])
    async def test_one_that_a_single_consumer_has_not_handled_stays(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger, state: str
    ) -> None:
        await publish_rows()
        await handle_all(ledger)
        await ledger.connection.execute(f"UPDATE bus.delivery SET {state} WHERE consumer = 'audit'")  # noqa: S608
        await age(ledger, 400)

        await purge_all(sync_db, BUS)

        assert await counts(ledger) == (1, 2)

    async def test_one_that_is_younger_than_its_retention_stays(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        await publish_rows()
        await handle_all(ledger)
        await age(ledger, 29)

        await purge_all(sync_db, BUS)

        assert await counts(ledger) == (1, 2)

    async def test_no_retention_is_shorter_than_a_week(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        await publish_rows()
        await handle_all(ledger)
        await age(ledger, 6)

        await purge_all(sync_db, retentions_of_bus(events_days=0, idempotency_days=0))

        assert await counts(ledger) == (1, 2)

    async def test_a_service_cannot_delete_one_itself(
        self, sync_db: Database, partner: UUID, publish_rows: Publish
    ) -> None:
        await publish_rows()
        with pytest.raises(DBAPIError, match="permission denied"):
            async with sync_db.writing(in_the_name_of(partner)) as session:
                await session.execute(text("DELETE FROM bus.event"))

    async def test_batches_end_only_when_nothing_is_left(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "BATCH", 2)
        monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)
        for _ in range(5):
            await publish_rows()
        await handle_all(ledger)
        await age(ledger, 31)

        with structlog.testing.capture_logs() as logged:
            await purge_all(sync_db, BUS)

        assert await counts(ledger) == (0, 0)
        said = {each["table"]: (each["event"], each["rows"]) for each in logged}
        assert said["bus.event"] == ("old rows purged", 5)

    async def test_workers_that_begin_at_once_do_it_once(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        for _ in range(20):
            await publish_rows()
        await handle_all(ledger)
        await age(ledger, 31)

        with structlog.testing.capture_logs() as logged:
            await asyncio.gather(*(purge_all(sync_db, BUS) for _ in range(4)))

        assert await counts(ledger) == (0, 0)
        assert sum(each["rows"] for each in logged if each["table"] == "bus.event") == 20


class TestIdempotencyKeys:
    async def test_old_answers_go(self, sync_db: Database, partner: UUID, ledger: Ledger) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            session.add_all(_answer(partner, key) for key in ("old", "new"))
        await ledger.connection.execute(
            "UPDATE bus.idempotency SET created_at = now() - interval '31 days' WHERE key = 'old'"
        )

        await purge_all(sync_db, BUS)

        assert await ledger.connection.fetchval("SELECT array_agg(key) FROM bus.idempotency") == ["new"]


def _answer(partner: UUID, key: str) -> IdempotencyRow:
    return IdempotencyRow(partner_id=partner, service="sync", key=key, request_digest=b"", answer="")


class TestWalledTables:
    async def test_each_partner_gets_a_transaction_of_its_own(
        self, sync_db: Database, publish_rows: Publish, partner: UUID
    ) -> None:
        seen: list[UUID] = []
        await publish_rows()

        async def purge(session: WriteSession, before: datetime, batch: int) -> int:
            seen.append(session.circumstances.partner_id)
            return 0

        await purge_all(sync_db, [Retention("sync.thing", 30, purge)])

        assert seen == [partner]

    async def test_a_table_that_fails_does_not_keep_the_others(
        self, sync_db: Database, publish_rows: Publish, quiet_logging: None
    ) -> None:
        purged: list[str] = []
        await publish_rows()

        async def fail(_session: WriteSession, _before: datetime, _batch: int) -> int:
            raise RuntimeError("no such table")

        async def succeed(_session: WriteSession, _before: datetime, _batch: int) -> int:
            purged.append("second")
            return 0

        await purge_all(sync_db, [Retention("sync.first", 30, fail), Retention("sync.second", 30, succeed)])

        assert purged == ["second"]


class TestNight:
    @pytest.mark.parametrize(
        ("now", "hours"), [("2026-03-15T00:30", 2), ("2026-03-15T02:30", 24), ("2026-03-15T23:30", 3)]
    )
    def test_it_comes_once_a_day(self, now: str, hours: int) -> None:
        instant = datetime.fromisoformat(now).replace(tzinfo=UTC)

        assert timedelta(seconds=seconds_until_night(instant)) == timedelta(hours=hours)


class TestAnOwnerWhoIsNoSuperuser:
    async def test_the_walls_let_it_see_what_is_old_of_every_partner_and_nothing_else(
        self, fresh_database: TestDatabase
    ) -> None:
        """As at a hosting service, where nobody passes row-level security by rank."""
        owner = await asyncpg.connect(fresh_database.url())
        plain = f"plain_{uuid4().hex}"
        try:
            await owner.execute(f"CREATE ROLE {plain}; GRANT USAGE, CREATE ON SCHEMA bus TO {plain}")
            for table in ("event", "delivery"):
                await owner.execute(f"ALTER TABLE bus.{table} OWNER TO {plain}")
            await owner.execute(f"ALTER FUNCTION bus.purge_events(timestamptz, integer) OWNER TO {plain}")
            await owner.execute(f"ALTER POLICY retention ON bus.event TO {plain}")
            for number, (days, handled) in enumerate([(40, True), (40, False), (5, True)], 1):
                await owner.execute(
                    "INSERT INTO bus.event"
                    " (id, type, source, partner_id, subject, occurred_at, correlation_id, actor, data)"
                    " VALUES ($1, 't', 's', gen_random_uuid(), 'x', now() - make_interval(days => $2),"
                    " 'c', '{}', '{}')",
                    UUID(int=number),
                    days,
                )
                await owner.execute(
                    "INSERT INTO bus.delivery (event_id, consumer, partner_id, next_attempt_at, handled_at)"
                    " VALUES ($1, 'audit', gen_random_uuid(), now(), CASE WHEN $2 THEN now() END)",
                    UUID(int=number),
                    handled,
                )
            service = await asyncpg.connect(fresh_database.url("audit"))
            try:
                deleted = await service.fetchval("SELECT bus.purge_events(now() - interval '30 days', 100)")
            finally:
                await service.close()

            left = await owner.fetchval("SELECT array_agg(id ORDER BY id) FROM bus.event")
            assert (deleted, left) == (1, [UUID(int=2), UUID(int=3)])
        finally:
            await owner.execute(f"REASSIGN OWNED BY {plain} TO CURRENT_USER; DROP OWNED BY {plain}; DROP ROLE {plain}")
            await owner.close()


class TestJobs:
    async def test_handled_ones_go_when_they_are_old_and_what_rests_stays(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        old, resting, young = await order_work(), await order_work(), await order_work()
        await ledger.change_job(old, "handled_at = now() - interval '31 days'")
        await ledger.change_job(resting, "rested_at = now() - interval '31 days'")
        await ledger.change_job(young, "handled_at = now()")

        await purge_all(sync_db, BUS)

        left = await ledger.connection.fetch("SELECT id FROM bus.job")
        assert {row["id"] for row in left} == {resting, young}
