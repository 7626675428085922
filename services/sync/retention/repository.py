"""Which old rows of sync may go. Each function deletes a batch, for `kit.ledger.retention`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select

from services.contracts.vocabulary import PlanStatus, RunStatus
from services.kit.base.db import Base, WriteSession
from services.kit.ledger.retention import PurgeBatch, delete_batch
from services.sync.by_hand.models import PlanByHandRow
from services.sync.loads.models import InvoiceRecord, InvoiceRowRecord, LoadInvoice
from services.sync.plans.models import (
    ClosingRow,
    DesiredRow,
    ExpectedRow,
    GroundRow,
    OperationRow,
    PlanRow,
    UnsentRow,
)
from services.sync.runs.models import Run, RunStep, StepPart
from services.sync.schedule.models import ScheduledNight

PARTS_OF_PLANS = (OperationRow, GroundRow, DesiredRow, UnsentRow, ClosingRow, ExpectedRow, PlanByHandRow)
_FINAL = tuple(status.value for status in RunStatus if status.is_final)


def _finished_runs(before: datetime) -> Select[UUID]:
    return select(Run.id).where(Run.status.in_(_FINAL), Run.finished_at < before)


def _unapplied_plans(before: datetime) -> Select[UUID]:
    """Plans that nobody applied, and that a fresh plan would replace. What was written is proven by applied ones."""
    return select(PlanRow.id).where(
        PlanRow.run_id.is_(None), PlanRow.status != PlanStatus.COMPUTING.value, PlanRow.created_at < before
    )


async def purge_invoice_rows(session: WriteSession, before: datetime, batch: int) -> int:
    """Rows of finished loads, except those in force."""
    in_force = exists().where(
        InvoiceRecord.partner_id == InvoiceRowRecord.partner_id,
        InvoiceRecord.invoice_id == InvoiceRowRecord.invoice_id,
        InvoiceRecord.valid_run_id == InvoiceRowRecord.run_id,
    )
    finished = InvoiceRowRecord.run_id.in_(_finished_runs(before))
    return await delete_batch(session, InvoiceRowRecord, batch, finished, ~in_force)


async def purge_load_invoices(session: WriteSession, before: datetime, batch: int) -> int:
    """What finished loads found of each invoice, except the latest finding and the one in force."""
    needed = exists().where(
        InvoiceRecord.partner_id == LoadInvoice.partner_id,
        InvoiceRecord.invoice_id == LoadInvoice.invoice_id,
        or_(InvoiceRecord.valid_run_id == LoadInvoice.run_id, InvoiceRecord.latest_run_id == LoadInvoice.run_id),
    )
    return await delete_batch(session, LoadInvoice, batch, LoadInvoice.run_id.in_(_finished_runs(before)), ~needed)


def purge_steps(model: type[StepPart | RunStep]) -> PurgeBatch:
    """Steps, or their parts, of finished runs."""

    async def purge(session: WriteSession, before: datetime, batch: int) -> int:
        return await delete_batch(session, model, batch, model.run_id.in_(_finished_runs(before)))

    return purge


def purge_parts_of_plans(model: type[Base]) -> PurgeBatch:
    """Rows of one table of plans that were never applied."""

    async def purge(session: WriteSession, before: datetime, batch: int) -> int:
        plan_id = model.__table__.c.plan_id
        return await delete_batch(session, model, batch, plan_id.in_(_unapplied_plans(before)))

    return purge


async def purge_nights(session: WriteSession, before: datetime, batch: int) -> int:
    """Nights that are over: the latest one is never so old."""
    return await delete_batch(session, ScheduledNight, batch, ScheduledNight.night < before.date())


async def purge_plans(session: WriteSession, before: datetime, batch: int) -> int:
    """The plans themselves, once their parts are gone: so that no single deletion takes a large plan with it."""
    parts = [exists().where(model.plan_id == PlanRow.id) for model in PARTS_OF_PLANS]
    is_empty = and_(*(~part for part in parts))
    return await delete_batch(session, PlanRow, batch, PlanRow.id.in_(_unapplied_plans(before)), is_empty)
