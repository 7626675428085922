import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.events.sync import RowsLoaded
from services.kit.base.db import Bell, Database
from services.kit.ledger import bus, relay
from services.kit.ledger.queue import MemoryQueue
from services.kit.ledger.relay import BATCH, sweep, sweep_forever
from tests.kit.conftest import Ledger, OpenDatabase, Publish, in_the_name_of, rows_loaded, trace_event, until

DUE = "next_attempt_at = now()"


class TestSweep:
    async def test_a_fresh_event_is_left_to_its_own_bell(
        self, billing_db: Database, publish_rows: Publish, bells: MemoryQueue
    ) -> None:
        await publish_rows()
        bells.rung.clear()

        assert await sweep(billing_db) == 0

        assert bells.rung == []

    async def test_a_lost_bell_is_rung_again(
        self, billing_db: Database, publish_rows: Publish, bells: MemoryQueue, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, DUE)
        bells.rung.clear()

        assert await sweep(billing_db) == 2

        assert set(bells.rung) == {Bell("billing", event_id), Bell("audit", event_id)}

    async def test_each_ring_doubles_the_pause_up_to_a_minute(
        self, billing_db: Database, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        pauses = []
        for _ in range(7):
            await ledger.change(event_id, DUE)
            await sweep(billing_db)
            row = await ledger.delivery(event_id)
            pauses.append(round((row["next_attempt_at"] - row["asked_at"]).total_seconds()))

        assert pauses == [3, 6, 12, 24, 48, 60, 60]

    async def test_what_is_handled_or_rests_is_left_in_peace(
        self, billing_db: Database, publish_rows: Publish, bells: MemoryQueue, ledger: Ledger
    ) -> None:
        handled, resting = await publish_rows(), await publish_rows()
        await ledger.change(handled, f"{DUE}, handled_at = now()")
        await ledger.change(resting, f"{DUE}, rested_at = now()")
        bells.rung.clear()

        assert await sweep(billing_db) == 0

    async def test_a_delivery_at_work_is_not_rung(
        self, billing_db: Database, publish_rows: Publish, bells: MemoryQueue, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        await ledger.change(event_id, DUE)
        bells.rung.clear()
        rung: list[Bell] = []

        async def look(_session: Any, _envelope: Any) -> None:
            await sweep(billing_db)
            rung.extend(bells.rung)

        await bus.handle_effect(billing_db, "billing", event_id, {RowsLoaded: look})

        assert rung == [Bell("audit", event_id)]

    async def test_a_long_backlog_is_rung_in_batches_by_several_relays_without_a_double(
        self, sync_db: Database, open_database: OpenDatabase, bells: MemoryQueue, ledger: Ledger, partner: UUID
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await bus.publish_all(session, [(rows_loaded(part), "run/1") for part in range(BATCH)])
        await ledger.connection.execute(f"UPDATE bus.delivery SET {DUE}")  # noqa: S608 - a constant of this file
        bells.rung.clear()
        relays = [open_database(service) for service in ("sync", "billing", "audit", "gateway")]
        for one in relays:
            one.ring = bells.ring

        assert sum(await asyncio.gather(*(sweep(one) for one in relays))) + await sweep(sync_db) == 2 * BATCH

        assert len(bells.rung) == len(set(bells.rung)) == 2 * BATCH

    async def test_the_batch_holds_when_the_planner_knows_nothing_of_the_table(
        self, sync_db: Database, bells: MemoryQueue, ledger: Ledger, partner: UUID
    ) -> None:
        """With a subquery in IN, a nested loop may run it again for each row and lock the whole backlog."""
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await bus.publish_all(session, [(rows_loaded(part), "run/1") for part in range(BATCH)])
        await ledger.connection.execute(f"UPDATE bus.delivery SET {DUE}")  # noqa: S608 - a constant of this file
        await ledger.connection.execute(
            "UPDATE pg_class SET reltuples = 1, relpages = 1 WHERE oid = 'bus.delivery'::regclass"
        )

        assert await sweep(sync_db) == BATCH
        await ledger.connection.execute("ANALYZE bus.delivery")


class TestSweepForever:
    async def test_it_empties_a_backlog_without_pausing_between_batches(
        self, sync_db: Database, bells: MemoryQueue, ledger: Ledger, partner: UUID
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await bus.publish_all(session, [(rows_loaded(part), "run/1") for part in range(BATCH + 1)])
        await ledger.connection.execute(f"UPDATE bus.delivery SET {DUE}")  # noqa: S608 - a constant of this file
        bells.rung.clear()

        sweeping = asyncio.create_task(sweep_forever(sync_db, pause_seconds=3600))
        await until(lambda: len(bells.rung) >= 2 * BATCH + 2)
        sweeping.cancel()

        assert len(set(bells.rung)) == 2 * BATCH + 2

    async def test_a_sweep_that_fails_is_followed_by_another(
        self, sync_db: Database, monkeypatch: pytest.MonkeyPatch, logged: list[dict[str, Any]]
    ) -> None:
        seen: list[UUID] = []

        async def fail_at_first(_database: Database) -> int:
            seen.append(uuid4())
            if len(seen) == 1:
                raise ConnectionRefusedError("no database")
            return 0

        monkeypatch.setattr(relay, "sweep", fail_at_first)
        sweeping = asyncio.create_task(sweep_forever(sync_db, pause_seconds=0.001))
        await until(lambda: len(seen) >= 3)
        sweeping.cancel()

        assert [entry["error"] for entry in logged] == ["ConnectionRefusedError: no database"]


class TestLostBell:
    async def test_it_only_costs_time(self, billing_db: Database, publish_rows: Publish, ledger: Ledger) -> None:
        """Nobody rings at all here: the sweep alone brings the event to its handler."""
        event_id = await publish_rows()
        await ledger.change(event_id, DUE)

        async def deliver(bells: Any) -> None:
            for bell in bells:
                if bell.consumer == "billing":
                    await bus.handle_effect(billing_db, "billing", bell.task_id, {RowsLoaded: trace_event})

        billing_db.ring = deliver
        await sweep(billing_db)

        assert await ledger.traces() == [str(event_id)]
