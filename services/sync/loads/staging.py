"""Telling billing of invoices too large for one transaction, slice by slice from what was written down."""

from collections.abc import Sequence
from uuid import UUID

from services.contracts.shapes import InvoiceFacts
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.loads import repository
from services.sync.loads.holding import hold_load, keep_place, note_progress
from services.sync.loads.models import LoadInvoice
from services.sync.loads.parts import cut_rows
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.telling import tell_parts, tell_vanished
from services.sync.upstreams import Upstreams

SLICE_ROWS = 5_000  # ten parts: a transaction well under a second


async def publish_staged(context: JobContext[Upstreams], run_id: UUID) -> None:
    """Tell of every staged invoice. The place is kept with each slice, so a repeated job goes on after it."""
    while True:
        async with context.writing() as session:
            place = await hold_load(session, run_id)
            staged = await repository.list_invoices(session, run_id, [InvoiceState.STAGED])
            if not staged:
                return
            invoices = {row.invoice_id: facts_of(row) for row in staged}
            first, end = place.get("staged") or await repository.span_of_rows(session, run_id, list(invoices))
            following = min(first + SLICE_ROWS, end)
            # A range of ordinals: while the planner has no figures yet, it reads all rows for any other condition.
            rows = await repository.read_rows(session, run_id, first, following)
            await tell_parts(session, cut_rows(run_id, invoices, (row for row in rows if row.invoice_id in invoices)))
            if following == end:
                await _unstage(session, run_id, staged)
            left = None if following == end else (following, end)
            await keep_place(session, run_id, {**place, "staged": left})
            await note_progress(session, run_id)


def facts_of(invoice: LoadInvoice) -> InvoiceFacts:
    """A stored header in the words everyone shares."""
    if invoice.invoice_date is None:
        raise ValueError(f"invoice {invoice.invoice_id} was kept without a date")
    return InvoiceFacts(
        invoice_id=invoice.invoice_id,
        number=invoice.number,
        invoice_date=invoice.invoice_date,
        period=invoice.period,
        currency=invoice.currency,
        status=invoice.status,
        is_sendable=invoice.is_sendable,
    )


async def _unstage(session: WriteSession, run_id: UUID, staged: Sequence[LoadInvoice]) -> None:
    ids = [invoice.invoice_id for invoice in staged]
    periods = {invoice.invoice_id: invoice.period for invoice in staged}
    vanished = await repository.find_vanished(session, run_id, ids)
    await tell_vanished(session, run_id, vanished, periods)
    states = {each.invoice_id: _state_of(each).value for each in staged}
    verdicts = [{"invoice_id": key, "state": state} for key, state in states.items()]
    await repository.decide_invoices(session, run_id, verdicts)
    found = [
        {
            "invoice_id": invoice.invoice_id,
            "period": invoice.period,
            "latest_state": states[invoice.invoice_id],
            "rows": invoice.rows,
            "is_good": True,
        }
        for invoice in staged
    ]
    await repository.note_invoices(session, run_id, found)
    await repository.drop_older_rows(session, run_id, ids)


def _state_of(invoice: LoadInvoice) -> InvoiceState:
    return InvoiceState.ACCEPTED if invoice.is_sendable else InvoiceState.PREVIEW
