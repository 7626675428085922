"""Old rows of sync that nobody needs go; what is in force, unfinished, applied or young stays."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from services.contracts.events.billing import LinesSettled
from services.contracts.vocabulary import PlanStatus, RunStatus
from services.kit.base import clock
from services.kit.base.db import Base, Database, system_circumstances
from services.kit.base.ids import new_id
from services.kit.ledger import bus
from services.kit.ledger.retention import purge_all
from services.sync.loads.models import InvoiceRecord, InvoiceRowRecord, LoadInvoice
from services.sync.plans.models import GroundRow, OperationRow, PlanRow
from services.sync.retention.tables import retentions
from services.sync.runs.models import Run, RunStep, StepPart
from services.sync.schedule.models import ScheduledNight
from services.sync.settings import SyncSettings

PARTNER = new_id()
OLD, YOUNG = timedelta(days=61), timedelta(days=29)


class Archive:
    """Rows of one partner, and what is left of them after a night."""

    def __init__(self, database: Database, settings: SyncSettings) -> None:
        self.database = database
        self._retentions = retentions(settings)

    async def add(self, model: type[Base], **values: Any) -> None:
        async with self.database.writing(system_circumstances(PARTNER, "sync")) as session:
            await session.execute(insert(model).values(partner_id=PARTNER, **values))

    async def add_run(self, age: timedelta, status: RunStatus = RunStatus.SUCCEEDED) -> UUID:
        run_id = new_id()
        ended: Mapping[str, datetime] = {"finished_at": clock.now() - age} if status.is_final else {}
        await self.add(
            Run, id=run_id, kind="load", status=status.value, periods=[], outcomes={}, requested_by="", **ended
        )
        return run_id

    async def add_row(self, run_id: UUID, invoice_id: str) -> None:
        ids = dict.fromkeys(("row_id", "organization_id", "offer_id", "subscription_id"), "1")
        names = dict.fromkeys(("organization_name", "offer_name", "subscription_name", "charge_type", "raw"), "")
        amounts = dict.fromkeys(("quantity", "unit_price", "total"), Decimal(1))
        values = {**ids, **names, **amounts, "is_custom": False}
        await self.add(InvoiceRowRecord, run_id=run_id, ordinal=0, invoice_id=invoice_id, **values)
        texts = dict.fromkeys(("number", "currency", "status", "organization", "state", "raw"), "")
        await self.add(
            LoadInvoice,
            run_id=run_id,
            invoice_id=invoice_id,
            invoice_date=date(2026, 3, 1),
            period="2026-03",
            is_sendable=True,
            **texts,
        )

    async def add_plan(self, age: timedelta, **values: Any) -> UUID:
        plan_id = new_id()
        plan = {"period": "2026-03", "status": PlanStatus.STALE.value, "requested_by": "", **values}
        await self.add(PlanRow, id=plan_id, created_at=clock.now() - age, **plan)
        texts = "kind status organization company agreement agreement_id product subscription marker currency".split()
        await self.add(
            OperationRow,
            id=new_id(),
            plan_id=plan_id,
            position=1,
            amount=Decimal(1),
            explanation=[],
            warnings=[],
            **dict.fromkeys(texts, ""),
        )
        await self.add(GroundRow, plan_id=plan_id, agreement_id="1", agreement="", fingerprint="", additions={})
        return plan_id

    async def purge(self) -> None:
        await purge_all(self.database, self._retentions)

    async def left(self, model: type[Base], column: str) -> list[Any]:
        async with self.database.reading(system_circumstances(PARTNER, "sync")) as session:
            return list(await session.scalars(select(getattr(model, column))))


@pytest.fixture
async def archive(sync_database: Database, sync_settings: SyncSettings) -> Archive:
    async with sync_database.writing(system_circumstances(PARTNER, "sync")) as session:
        await bus.publish(session, LinesSettled(run_id=new_id(), part=0), "run/1")
    return Archive(sync_database, sync_settings)


class TestLoads:
    async def test_old_rows_go_unless_they_are_in_force(self, archive: Archive) -> None:
        in_force, superseded = await archive.add_run(OLD), await archive.add_run(OLD)
        for run_id in (in_force, superseded):
            await archive.add_row(run_id, "i1")
        await archive.add(
            InvoiceRecord,
            invoice_id="i1",
            period="2026-03",
            latest_run_id=in_force,
            latest_state="",
            valid_run_id=in_force,
        )

        await archive.purge()

        assert await archive.left(InvoiceRowRecord, "run_id") == [in_force]
        assert await archive.left(LoadInvoice, "run_id") == [in_force]
        assert set(await archive.left(Run, "id")) == {in_force, superseded}

    async def test_the_latest_finding_of_an_invoice_stays_without_its_rows(self, archive: Archive) -> None:
        quarantined = await archive.add_run(OLD)
        await archive.add_row(quarantined, "i1")
        await archive.add(
            InvoiceRecord, invoice_id="i1", period="2026-03", latest_run_id=quarantined, latest_state="quarantined"
        )

        await archive.purge()

        assert await archive.left(InvoiceRowRecord, "run_id") == []
        assert await archive.left(LoadInvoice, "run_id") == [quarantined]

    @pytest.mark.parametrize(("age", "status"), [(YOUNG, RunStatus.SUCCEEDED), (OLD, RunStatus.RUNNING)])
    async def test_those_of_young_and_unfinished_loads_stay(
        self, archive: Archive, age: timedelta, status: RunStatus
    ) -> None:
        run_id = await archive.add_run(age, status)
        await archive.add_row(run_id, "i1")

        await archive.purge()

        assert await archive.left(InvoiceRowRecord, "run_id") == await archive.left(LoadInvoice, "run_id") == [run_id]


class TestSteps:
    async def test_steps_of_finished_runs_go_when_they_are_old(self, archive: Archive) -> None:
        old, young = await archive.add_run(OLD), await archive.add_run(YOUNG)
        unfinished = await archive.add_run(OLD, RunStatus.RUNNING)
        for run_id in (old, young, unfinished):
            await archive.add(RunStep, run_id=run_id, step="rows", parts=1, checkpoint={}, started_at=clock.now())
            await archive.add(StepPart, run_id=run_id, step="rows", part=0)

        await archive.purge()

        assert set(await archive.left(RunStep, "run_id")) == {young, unfinished}
        assert set(await archive.left(StepPart, "run_id")) == {young, unfinished}


class TestNights:
    async def test_those_that_are_over_go_and_the_latest_stays(self, archive: Archive) -> None:
        today = clock.today()
        for night in (today - OLD, today):
            await archive.add(ScheduledNight, entry="duplicates", night=night, begun_at=clock.now())

        await archive.purge()

        assert await archive.left(ScheduledNight, "night") == [today]


class TestPlans:
    async def test_old_plans_that_nobody_applied_go_with_all_they_hold(self, archive: Archive) -> None:
        await archive.add_plan(OLD)
        young = await archive.add_plan(YOUNG)

        await archive.purge()

        assert await archive.left(PlanRow, "id") == [young]
        for model in (OperationRow, GroundRow):
            assert await archive.left(model, "plan_id") == [young]

    async def test_applied_plans_stay_because_they_prove_what_was_written(self, archive: Archive) -> None:
        applied = await archive.add_plan(OLD, status=PlanStatus.APPLIED.value, run_id=new_id())

        await archive.purge()

        assert await archive.left(OperationRow, "plan_id") == await archive.left(GroundRow, "plan_id") == [applied]

    async def test_a_row_that_somebody_holds_is_left_for_the_next_night(self, archive: Archive) -> None:
        await archive.add_plan(OLD)
        async with archive.database.writing(system_circumstances(PARTNER, "sync")) as holder:
            await holder.execute(text("SELECT 1 FROM sync.plan_operation FOR UPDATE"))
            await archive.purge()
            assert len(await archive.left(OperationRow, "plan_id")) == 1

        await archive.purge()

        assert await archive.left(PlanRow, "id") == []
