"""Loads, their invoices and the months over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from services.contracts.periods import Period
from services.kit.base.errors import InvalidFields, problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor
from services.sync.connections.service import ConnectionMissing
from services.sync.loads import service
from services.sync.loads.months import PeriodNotLoadable, PeriodUnknown
from services.sync.loads.schemas import CompletenessIn, InvoiceState, LoadIn, LoadInvoiceOut, PeriodOut, PeriodsOut
from services.sync.runs.schemas import RunOut
from services.sync.runs.service import RunNotFound

router = APIRouter(prefix="/api/v1", tags=["loads"])
_REFUSALS = problems(
    ConnectionMissing, service.LoadIsRunning, IdempotencyKeyReused, PeriodUnknown, PeriodNotLoadable, InvalidFields
)


@router.post("/loads", status_code=status.HTTP_202_ACCEPTED, responses=_REFUSALS)
async def post_load(session: Writing, once: OncePerKey, wanted: LoadIn) -> RunOut:
    """Load the invoices of some months. Safe to repeat: changed rows update, vanished ones are flagged."""
    return await once(session, RunOut, lambda: service.request_load(session, wanted.periods))


@router.get("/runs/{run_id}/invoices", responses=problems(RunNotFound, BadCursor))
async def list_run_invoices(
    session: Reading,
    run_id: UUID,
    state: Annotated[InvoiceState | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[LoadInvoiceOut]:
    """What a load found of each invoice, by number: accepted, preview, or quarantined with the reason."""
    after = None if cursor is None else decode_cursor(cursor, 2)
    key = None if after is None else (str(after[0]), str(after[1]))
    found = await service.list_invoices(session, run_id, state, key, limit + 1)
    page, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return Page(items=page, next_cursor=encode_cursor([last.number, last.invoice_id]) if last else None)


@router.get("/periods")
async def list_periods(session: Reading) -> PeriodsOut:
    """Months that were loaded, with the present and the previous one, newest first."""
    return PeriodsOut(items=await service.list_periods(session))


@router.put("/periods/{period}/completeness", responses=problems(PeriodUnknown, PeriodNotLoadable, InvalidFields))
async def put_period_completeness(session: Writing, period: Period, said: CompletenessIn) -> PeriodOut:
    """Say that every invoice of a month has come, or take that back. Then an absent charge becomes a question."""
    return await service.set_completeness(session, period, is_complete=said.is_complete)
