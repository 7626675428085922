"""The long part of a load: list the invoices, fetch their rows, settle them batch by batch.

It can be killed at any moment and started again: headers are listed once, each invoice is pending until
the transaction that tells billing of it, and what a killed try had half written is dropped first.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from services.kit.ledger.work import JobContext
from services.sync import stages
from services.sync.loads import repository
from services.sync.loads.fetching import Fetched, RowFetcher
from services.sync.loads.holding import LoadIsOver, hold_load
from services.sync.loads.listing import NAMELESS, list_headers
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.settling import settle
from services.sync.loads.staging import facts_of, publish_staged
from services.sync.loads.telling import tell_missing
from services.sync.marketplaces.port import RowsQuestion, SourceClient
from services.sync.upstreams import Upstreams

BATCH_ROWS = 2_000  # four full parts: large enough to fill them, small enough to be quick
BATCH_INVOICES = 100


async def load_rows(context: JobContext[Upstreams], run_id: UUID, periods: Sequence[str]) -> None:
    """Do, or finish, the load of some months.

    Raises:
        UpstreamError: AppXite could not be read at all; single invoices are quarantined instead.
        ConnectionMissing: no credentials are saved.
    """
    try:
        async with context.reading() as session:
            source = await context.resources.open_appxite(session)
        await list_headers(context, run_id, source, periods)
        await _fetch_and_settle(context, run_id, source)
        await _finish(context, run_id, periods)
    except LoadIsOver:
        return  # ended by a person or a newer load, which has said why


async def _fetch_and_settle(context: JobContext[Upstreams], run_id: UUID, source: SourceClient) -> None:
    await publish_staged(context, run_id)
    fetcher, questions = await _prepare(context, run_id, source)
    async for batch in _batches(fetcher.fetch_all(questions)):
        await settle(context, run_id, batch, fetcher)


async def _prepare(
    context: JobContext[Upstreams], run_id: UUID, source: SourceClient
) -> tuple[RowFetcher, list[RowsQuestion]]:
    async with context.writing() as session:
        await hold_load(session, run_id)
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
    """Answers together until they fill a few parts; one that was written down already goes alone."""
    batch: list[Fetched] = []
    rows = invoices = 0
    async for fetched in answers:
        if fetched.is_spilled:
            if batch:
                yield batch
            yield [fetched]
            batch, rows, invoices = [], 0, 0
            continue
        batch.append(fetched)
        rows, invoices = rows + fetched.rows_held, invoices + len(fetched.invoices)
        if rows >= BATCH_ROWS or invoices >= BATCH_INVOICES:
            yield batch
            batch, rows, invoices = [], 0, 0
    if batch:
        yield batch


async def _finish(context: JobContext[Upstreams], run_id: UUID, periods: Sequence[str]) -> None:
    async with context.writing() as session:
        await hold_load(session, run_id)
        invoices = await repository.list_invoices(session, run_id)
        # A header that could not even be named may be that of an invoice which seems to be missing.
        if not any(invoice.invoice_id.startswith(NAMELESS) for invoice in invoices):
            await tell_missing(session, run_id, periods)
        await stages.seal(session, run_id)
