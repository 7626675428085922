import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.contracts.envelope import Envelope
from services.contracts.events.sync import InvoiceQuarantined, RowsLoaded
from services.kit.base.db import Bell, Database, WriteSession
from services.kit.ledger import attempts, bus
from services.kit.ledger.live import announce_after_commit
from services.kit.ledger.queue import MemoryQueue
from tests.kit.conftest import (
    PERSON,
    Ledger,
    OpenDatabase,
    Publish,
    in_the_name_of,
    leave_trace,
    rows_loaded,
    trace_event,
    until,
)

HANDLERS: bus.Handlers = {RowsLoaded: trace_event}


async def _fail(session: WriteSession, envelope: Envelope[Any]) -> None:
    await trace_event(session, envelope)
    raise RuntimeError("no such organization")


FAILING: bus.Handlers = {RowsLoaded: _fail}


class TestPublish:
    async def test_an_event_and_a_delivery_for_each_consumer_are_kept(
        self, publish_rows: Publish, ledger: Ledger, partner: UUID
    ) -> None:
        event_id = await publish_rows()

        event = await ledger.connection.fetchrow("SELECT * FROM bus.event")
        assert event is not None
        assert (event["id"], event["type"], event["source"]) == (event_id, "sync.rows.loaded.v1", "sync")
        assert (event["partner_id"], event["subject"], event["correlation_id"]) == (partner, "run/1", "c-1")
        consumers = await ledger.connection.fetch("SELECT consumer FROM bus.delivery ORDER BY consumer")
        assert [row["consumer"] for row in consumers] == ["audit", "billing"]

    async def test_consumers_are_rung_after_the_commit(
        self, sync_db: Database, bells: MemoryQueue, partner: UUID
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            event_id = await bus.publish(session, rows_loaded(), "run/1")
            assert bells.rung == []

        assert bells.rung == [Bell("billing", event_id), Bell("audit", event_id)]

    async def test_a_rolled_back_fact_never_happened_and_rings_nobody(
        self, sync_db: Database, bells: MemoryQueue, ledger: Ledger, partner: UUID
    ) -> None:
        async def fail_after_publishing() -> None:
            async with sync_db.writing(in_the_name_of(partner)) as session:
                await bus.publish(session, rows_loaded(), "run/1")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail_after_publishing()

        assert bells.rung == []
        assert await ledger.connection.fetchval("SELECT count(*) FROM bus.event") == 0

    async def test_many_facts_keep_their_order(self, sync_db: Database, ledger: Ledger, partner: UUID) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            ids = await bus.publish_all(session, [(rows_loaded(part), f"run/{part}") for part in range(30)])

        kept = await ledger.connection.fetch("SELECT id, subject FROM bus.event ORDER BY sequence")
        assert [(row["id"], row["subject"]) for row in kept] == [
            (event_id, f"run/{part}") for part, event_id in enumerate(ids)
        ]
        assert await ledger.connection.fetchval("SELECT count(*) FROM bus.delivery") == 60

    async def test_no_facts_are_no_statements(self, sync_db: Database, partner: UUID) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            assert await bus.publish_all(session, []) == []


class TestHandleEffect:
    async def test_the_handler_acts_in_the_name_of_who_caused_the_event(
        self, billing_db: Database, publish_rows: Publish, partner: UUID
    ) -> None:
        event_id = await publish_rows()
        seen: list[tuple[WriteSession, Envelope[RowsLoaded]]] = []

        async def look(session: WriteSession, envelope: Envelope[Any]) -> None:
            seen.append((session, envelope))

        assert await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: look})

        session, envelope = seen[0]
        assert (envelope.id, envelope.source, envelope.actor) == (event_id, "sync", PERSON)
        assert isinstance(envelope.data, RowsLoaded)
        circumstances = session.circumstances
        assert (circumstances.partner_id, circumstances.source) == (partner, "billing")
        assert (circumstances.causation_id, circumstances.correlation_id) == (event_id, "c-1")
        assert circumstances.actor == PERSON

    async def test_a_second_bell_has_no_effect(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)
        assert not await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

        assert await ledger.traces() == [str(event_id)]

    async def test_ten_bells_at_once_have_one_effect_and_hold_no_slot(
        self, open_database: OpenDatabase, publish_rows: Publish, ledger: Ledger
    ) -> None:
        database = open_database("billing", pool_size=10)
        event_id = await publish_rows()
        may_end = asyncio.Event()

        async def wait(session: WriteSession, envelope: Envelope[Any]) -> None:
            await trace_event(session, envelope)
            await may_end.wait()

        attempts = [
            asyncio.create_task(bus.handle_effect(database, "billing", event_id, {RowsLoaded: wait})) for _ in range(10)
        ]
        await until(lambda: sum(task.done() for task in attempts) == 9)
        may_end.set()

        assert sorted(await asyncio.gather(*attempts)) == [False] * 9 + [True]
        assert await ledger.traces() == [str(event_id)]

    async def test_consumers_are_independent_of_each_other(
        self, billing_db: Database, open_database: OpenDatabase, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

        assert (await ledger.delivery(event_id, "audit"))["handled_at"] is None

    async def test_an_event_nobody_published_is_nothing_to_do(self, billing_db: Database) -> None:
        assert not await bus.handle_effect(billing_db, "billing", uuid4(), HANDLERS)

    async def test_what_an_effect_publishes_is_rung_after_it(
        self, billing_db: Database, bells: MemoryQueue, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        bells.rung.clear()

        async def pass_on(session: WriteSession, envelope: Envelope[Any]) -> None:
            await bus.publish(session, rows_loaded(), envelope.subject)

        assert await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: pass_on})

        caused = await ledger.connection.fetchrow("SELECT * FROM bus.event WHERE causation_id = $1", event_id)
        assert caused is not None
        assert (caused["source"], caused["correlation_id"]) == ("billing", "c-1")
        assert {bell.task_id for bell in bells.rung} == {caused["id"]}

    async def test_what_an_effect_announces_is_told_after_it(
        self, billing_db: Database, publish_rows: Publish, partner: UUID
    ) -> None:
        event_id = await publish_rows()
        told: list[Any] = []

        async def tell(announcements: Any) -> None:
            told.extend(announcements)

        billing_db.announce = tell

        async def announce(session: WriteSession, envelope: Envelope[Any]) -> None:
            announce_after_commit(session, "run", envelope.data)
            assert told == []

        assert await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: announce})

        assert [(each.partner_id, each.kind) for each in told] == [(partner, "run")]

    async def test_a_cancelled_effect_goes_back_as_it_was(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        is_running = asyncio.Event()

        async def hang(session: WriteSession, envelope: Envelope[Any]) -> None:
            await trace_event(session, envelope)
            is_running.set()
            await asyncio.Event().wait()

        attempt = asyncio.create_task(bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: hang}))
        await is_running.wait()
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

        row = await ledger.delivery(event_id)
        assert (row["handled_at"], row["attempts"], row["last_error"]) == (None, 0, None)
        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

    async def test_nothing_it_binds_to_the_log_reaches_the_next_one(
        self, billing_db: Database, publish_rows: Publish, logged: list[dict[str, Any]]
    ) -> None:
        event_id = await publish_rows()

        await bus.handle_effect(billing_db, "billing", event_id, FAILING)
        bus.log.info("afterwards")

        failed, afterwards = logged
        assert (failed["correlation_id"], failed["event_id"]) == ("c-1", str(event_id))
        assert failed["event_type"] == "sync.rows.loaded.v1"
        assert set(afterwards) == {"event", "log_level"}


class TestFailedDelivery:
    async def test_a_failed_effect_leaves_no_trace_and_is_due_again(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, "rings = 5")

        assert not await bus.handle_effect(billing_db, "billing", event_id, FAILING)

        row = await ledger.delivery(event_id)
        assert await ledger.traces() == []
        assert (row["attempts"], row["handled_at"], row["rested_at"]) == (1, None, None)
        assert row["last_error"] == "RuntimeError: no such organization"
        assert 0 < (row["next_attempt_at"] - row["asked_at"]).total_seconds() <= 1
        assert row["rings"] == 0, "a lost bell after this is missed for seconds, not for a minute"

    def test_pauses_double_up_to_five_minutes(self) -> None:
        assert [attempts.pause_after(n).total_seconds() for n in (1, 2, 3, 9, 10, 12, 100)] == [
            1,
            2,
            4,
            256,
            300,
            300,
            300,
        ]

    async def test_it_succeeds_later_and_forgets_its_error(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        await bus.handle_effect(billing_db, "billing", event_id, FAILING)
        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

        row = await ledger.delivery(event_id)
        assert (row["attempts"], row["last_error"]) == (2, None)
        assert row["handled_at"] is not None

    async def test_a_slow_effect_is_stopped_and_says_so(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        async def sleep_in_the_database(session: WriteSession, _envelope: Envelope[Any]) -> None:
            await session.execute(text("SELECT pg_sleep(60)"))

        handlers: bus.Handlers = {RowsLoaded: sleep_in_the_database}
        assert not await bus.handle_effect(billing_db, "billing", event_id, handlers, seconds=0.1)

        assert (await ledger.delivery(event_id))["last_error"] == "OutOfTime: stopped after 0.1 s"
        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS, seconds=30)

    async def test_a_time_out_of_the_handlers_own_keeps_its_name(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        async def time_out(_session: WriteSession, _envelope: Envelope[Any]) -> None:
            raise TimeoutError("the lock was not free")

        await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: time_out}, seconds=30)

        assert (await ledger.delivery(event_id))["last_error"] == "TimeoutError: the lock was not free"

    async def test_an_error_of_the_database_does_not_repeat_the_values_it_was_about(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        async def misuse(session: WriteSession, _envelope: Envelope[Any]) -> None:
            await session.execute(text("SELECT no_such_column, :secret"), {"secret": "hunter2"})

        await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: misuse})

        error = (await ledger.delivery(event_id))["last_error"]
        assert "no_such_column" in error
        assert "hunter2" not in error

    async def test_after_the_last_attempt_it_rests_visibly(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger, partner: UUID, logged: list[dict[str, Any]]
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, f"attempts = {attempts.MAX_ATTEMPTS - 1}")

        await bus.handle_effect(billing_db, "billing", event_id, FAILING)

        assert (await ledger.delivery(event_id))["rested_at"] is not None
        assert [(entry["log_level"], entry["rests"]) for entry in logged] == [("error", True)]
        async with billing_db.reading(in_the_name_of(partner)) as session:
            resting = await attempts.list_resting(session)
        assert [(row.task_id, row.last_error) for row in resting] == [(event_id, "RuntimeError: no such organization")]

    async def test_a_resting_one_stays_at_rest_whoever_rings(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, "rested_at = now()")

        assert not await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

        assert await ledger.traces() == []

    async def test_a_late_failure_of_a_handled_delivery_changes_nothing(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

        await attempts.note_failure(billing_db, attempts.DELIVERY_TASKS, "billing", event_id, RuntimeError("late"))

        row = await ledger.delivery(event_id)
        assert (row["attempts"], row["last_error"]) == (1, None)


class TestUnknownEvent:
    async def test_a_type_without_a_handler_stays_in_the_ledger(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()

        assert not await bus.handle_effect(billing_db, "billing", event_id, {InvoiceQuarantined: trace_event})

        row = await ledger.delivery(event_id)
        assert row["handled_at"] is None
        assert row["last_error"] == "UnknownEvent: no handler for sync.rows.loaded.v1"

    async def test_a_type_this_build_does_not_know_waits_for_one_that_does(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.connection.execute("UPDATE bus.event SET type = 'sync.rows.loaded.v9'")

        assert not await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)
        assert "sync.rows.loaded.v9" in (await ledger.delivery(event_id))["last_error"]

        await ledger.connection.execute("UPDATE bus.event SET type = 'sync.rows.loaded.v1'")
        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)


class TestRetryResting:
    async def test_it_goes_back_to_work_at_once(
        self, sync_db: Database, billing_db: Database, bells: MemoryQueue, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, "rested_at = now(), attempts = 12, rings = 9")
        partner = (await ledger.delivery(event_id))["partner_id"]
        bells.rung.clear()

        async with sync_db.writing(in_the_name_of(partner)) as session:
            assert await attempts.retry_resting(session, event_id, "billing")

        assert bells.rung == [Bell("billing", event_id)]
        row = await ledger.delivery(event_id)
        assert (row["rested_at"], row["attempts"], row["rings"]) == (None, 0, 0)
        assert await bus.handle_effect(billing_db, "billing", event_id, HANDLERS)

    async def test_one_that_does_not_rest_is_left_alone(
        self, sync_db: Database, bells: MemoryQueue, publish_rows: Publish, partner: UUID
    ) -> None:
        event_id = await publish_rows()
        bells.rung.clear()

        async with sync_db.writing(in_the_name_of(partner)) as session:
            assert not await attempts.retry_resting(session, event_id, "billing")

        assert bells.rung == []

    async def test_another_partners_is_out_of_reach(
        self, sync_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, "rested_at = now()")

        async with sync_db.writing(in_the_name_of(uuid4())) as session:
            assert not await attempts.retry_resting(session, event_id, "billing")


class TestEffectSession:
    async def test_an_effect_reaches_only_its_events_partner(
        self, billing_db: Database, publish_rows: Publish, partner: UUID
    ) -> None:
        """The claim looks across partners; the handler after it must not."""
        event_id = await publish_rows()
        other = uuid4()
        async with billing_db.writing(in_the_name_of(other)) as session:
            await leave_trace(session, "theirs")
        seen: list[int] = []

        async def count(session: WriteSession, _envelope: Envelope[Any]) -> None:
            seen.append((await session.execute(text("SELECT count(*) FROM bus.idempotency"))).scalar_one())
            seen.append(
                (await session.execute(text("SELECT count(DISTINCT partner_id) FROM bus.delivery"))).scalar_one()
            )

        await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: count})

        assert seen == [0, 1]
