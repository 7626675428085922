"""Publishing the rows of proven invoices, slice by slice as they were written, and what is gone since earlier loads."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from services.contracts.events.sync import RowsLoaded
from services.contracts.shapes import InvoiceFacts, VanishedRow
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.kit.ledger.work import JobContext
from services.sync.loads import repository
from services.sync.loads.models import LoadInvoice
from services.sync.loads.parts import cut_rows, cut_vanished
from services.sync.loads.reports import note_progress
from services.sync.loads.schemas import InvoiceState
from services.sync.runs import parts
from services.sync.upstreams import Upstreams

SLICE_ROWS = 10_000  # twenty parts: a batch of short answers in one transaction, well under a second


async def publish_staged(context: JobContext[Upstreams], run_id: UUID) -> None:
    """Publish every staged invoice. Each slice keeps where it ended, so a repeated step goes on after it."""
    is_last = False
    while not is_last:
        async with context.writing() as session:
            step = await parts.lock_step(session, run_id)
            first, end = step.checkpoint.get("staged") or (0, 0)
            if first == end:
                return
            staged = await repository.list_invoices(session, run_id, [InvoiceState.STAGED])
            invoices = {row.invoice_id: facts_of(row) for row in staged}
            following = min(first + SLICE_ROWS, end)
            is_last = following == end
            # A range of ordinals: while the planner has no figures yet, it reads all rows for any other condition.
            rows = await repository.read_rows(session, run_id, first, following, invoices)
            await publish_parts(session, cut_rows(run_id, invoices, rows))
            if is_last:
                await _put_in_force(session, run_id, staged)
            step.checkpoint = {**step.checkpoint, "staged": [following, end]}
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


async def _put_in_force(session: WriteSession, run_id: UUID, staged: Sequence[LoadInvoice]) -> None:
    """Say which of their earlier rows are gone, and let this load's rows be the ones that count."""
    ids = [invoice.invoice_id for invoice in staged]
    earlier = sorted(await repository.known_invoices(session, ids))
    if earlier:
        vanished = await repository.find_vanished(session, run_id, earlier)
        await publish_vanished(session, run_id, vanished, {each.invoice_id: each.period for each in staged})
    found = [
        {
            "invoice_id": invoice.invoice_id,
            "period": invoice.period,
            "latest_state": _state_of(invoice).value,
            "rows": invoice.rows,
            "is_good": True,
        }
        for invoice in staged
    ]
    verdicts = [{"invoice_id": each["invoice_id"], "state": each["latest_state"]} for each in found]
    await repository.decide_invoices(session, run_id, verdicts)
    await repository.note_invoices(session, run_id, found)
    if earlier:
        await repository.drop_older_rows(session, run_id, earlier)


def _state_of(invoice: LoadInvoice) -> InvoiceState:
    return InvoiceState.ACCEPTED if invoice.is_sendable else InvoiceState.PREVIEW


async def publish_parts(session: WriteSession, unnumbered: Iterable[RowsLoaded]) -> None:
    """Number and publish parts of one run; number and event stand or fall with the transaction."""
    facts = list(unnumbered)
    if not facts:
        return
    numbers = await parts.take_parts(session, facts[0].run_id, len(facts))
    numbered = [fact.model_copy(update={"part": number}) for fact, number in zip(facts, numbers, strict=True)]
    await bus.publish_all(session, [(fact, f"period/{fact.period}") for fact in numbered])


async def publish_vanished(
    session: WriteSession, run_id: UUID, vanished: Sequence[VanishedRow], periods: Mapping[str, str]
) -> None:
    """Say which rows are gone from invoices that are still there; `periods` is by invoice id."""
    for period in sorted({periods[row.invoice_id] for row in vanished}):
        of_period = [row for row in vanished if periods[row.invoice_id] == period]
        await publish_parts(session, cut_vanished(run_id, period, of_period))


async def publish_missing(session: WriteSession, run_id: UUID, periods: Sequence[str]) -> None:
    """Say that every row is gone of invoices that their month no longer has."""
    for period, invoice_ids in (await repository.mark_missing(session, run_id, periods)).items():
        vanished = await repository.find_valid_rows(session, invoice_ids)
        await publish_parts(session, cut_vanished(run_id, period, vanished))
