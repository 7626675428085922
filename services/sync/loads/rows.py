"""The long step of a load: fetch the rows of its invoices, keep them, judge each invoice, publish what passes.

Rows are written to the database as they come and read back when their invoice is proven, so a month never has to
fit into memory. The step can be killed at any moment and started again: an invoice is pending until the transaction
that judges it, staged until the one that publishes its last row, and rows of pending ones are dropped first.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.loads import repository
from services.sync.loads.fetching import Fetched, RowFetcher
from services.sync.loads.headers import NAMELESS
from services.sync.loads.publishing import facts_of, publish_missing, publish_staged
from services.sync.loads.reports import note_progress, report_quarantine, report_strays
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.verdict import Gathered, RowSum, Verdict, judge
from services.sync.marketplaces.port import Marketplace, RowsQuestion
from services.sync.runs import parts
from services.sync.upstreams import Upstreams

BATCH_ROWS = 5_000  # ten full parts: large enough to fill them, small enough for a transaction under a second
BATCH_INVOICES = 250

NO_ROWS = RowSum()


async def load_rows(context: JobContext[Upstreams], run_id: UUID, periods: Sequence[str]) -> None:
    """Load, or finish loading, the rows of the invoices that the load has listed.

    Raises:
        UpstreamError: AppXite could not be read at all; single invoices are quarantined instead.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        source = await context.resources.open_marketplace(session)
    await publish_staged(context, run_id)
    fetcher, questions = await _prepare(context, run_id, source)
    async for batch in _batches(fetcher.fetch_all(questions)):
        await _judge(context, run_id, batch, fetcher)
        await publish_staged(context, run_id)
    await _publish_missing(context, run_id, periods)


async def _prepare(
    context: JobContext[Upstreams], run_id: UUID, source: Marketplace
) -> tuple[RowFetcher, list[RowsQuestion]]:
    async with context.writing() as session:
        await parts.lock_step(session, run_id)
        await repository.drop_unfinished_rows(session, run_id)
        first_ordinal = await repository.next_ordinal(session, run_id)
        invoices = await repository.list_invoices(session, run_id)
    pending = [invoice for invoice in invoices if invoice.state == InvoiceState.PENDING.value]
    questions = []
    for is_sendable in (True, False):
        some = [facts_of(invoice) for invoice in pending if invoice.is_sendable is is_sendable]
        questions += source.divide(some, is_preview=not is_sendable)
    checksums = {invoice.invoice_id: invoice.checksum for invoice in invoices}
    return RowFetcher(context, run_id, source, checksums, first_ordinal), questions


async def _batches(answers: AsyncIterator[Fetched]) -> AsyncIterator[list[Fetched]]:
    """Answers together until they fill a few parts."""
    batch: list[Fetched] = []
    rows = invoices = 0
    async for fetched in answers:
        batch.append(fetched)
        rows, invoices = rows + fetched.count, invoices + len(fetched.invoices)
        if rows >= BATCH_ROWS or invoices >= BATCH_INVOICES:
            yield batch
            batch, rows, invoices = [], 0, 0
    if batch:
        yield batch


async def _judge(context: JobContext[Upstreams], run_id: UUID, batch: Sequence[Fetched], fetcher: RowFetcher) -> None:
    """Decide about every invoice of a batch: those that are proven are staged, the others quarantined."""
    found = [gathered for fetched in batch for gathered in fetched.invoices.values()]
    async with context.writing() as session:
        step = await parts.lock_step(session, run_id)
        await fetcher.write_rest(session, batch)
        first = min((fetched.first for fetched in batch if fetched.first is not None), default=0)
        end = max(fetched.end for fetched in batch)
        sums = await repository.sum_rows(session, run_id, (first, end), [each.invoice.invoice_id for each in found])
        verdicts = [(each, judge(each, sums.get(each.invoice.invoice_id, NO_ROWS))) for each in found]
        await repository.decide_invoices(
            session, run_id, [_columns_of(*each, sums.get(each[0].invoice.invoice_id, NO_ROWS)) for each in verdicts]
        )
        await _quarantine(session, run_id, [each for each in verdicts if not each[1].is_good], sums)
        await report_strays(session, run_id, [stray for fetched in batch for stray in fetched.strays])
        step.checkpoint = {**step.checkpoint, "staged": [first, end]}
        await note_progress(session, run_id)


def _columns_of(gathered: Gathered, verdict: Verdict, rows: RowSum) -> dict[str, object]:
    bad_text = gathered.bad_text
    return {
        "invoice_id": gathered.invoice.invoice_id,
        "state": (InvoiceState.STAGED if verdict.is_good else InvoiceState.QUARANTINED).value,
        "reason": verdict.reason,
        "rows": rows.count,
        "rows_total": rows.total,
        "bad_text": None if bad_text is None else bad_text.replace("\x00", ""),
    }


async def _quarantine(
    session: WriteSession, run_id: UUID, bad: Sequence[tuple[Gathered, Verdict]], sums: dict[str, RowSum]
) -> None:
    """Say which invoices are kept out; what an earlier load found of them stays in force."""
    records = []
    for gathered, verdict in bad:
        invoice, rows = gathered.invoice, sums.get(gathered.invoice.invoice_id, NO_ROWS)
        money = {"checksum": gathered.checksum, "rows_total": rows.total, "reason": verdict.reason}
        await report_quarantine(session, run_id, {**invoice.model_dump(), **money})
        records.append(
            {
                "invoice_id": invoice.invoice_id,
                "period": invoice.period,
                "latest_state": InvoiceState.QUARANTINED.value,
                "rows": 0,
                "is_good": False,
            }
        )
    ids = [gathered.invoice.invoice_id for gathered, _ in bad]
    earlier = await repository.known_invoices(session, ids) if ids else set()
    await repository.note_invoices(session, run_id, records)
    if earlier:
        await repository.drop_older_rows(session, run_id, sorted(earlier))


async def _publish_missing(context: JobContext[Upstreams], run_id: UUID, periods: Sequence[str]) -> None:
    async with context.writing() as session:
        await parts.lock_step(session, run_id)
        invoices = await repository.list_invoices(session, run_id)
        # A header that could not even be named may be that of an invoice which seems to be missing.
        if not any(invoice.invoice_id.startswith(NAMELESS) for invoice in invoices):
            await publish_missing(session, run_id, periods)
