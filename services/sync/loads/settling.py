"""Deciding about fetched invoices and telling billing, in one transaction per batch.

A batch is decided, its rows written, its parts numbered and published together or not at all: a killed
worker's successor finds each invoice either untouched or done. Invoices too large for that are staged:
decided here, told by `staging`.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.loads import repository
from services.sync.loads.fetching import Fetched, RowFetcher
from services.sync.loads.holding import hold_load, note_progress
from services.sync.loads.parts import cut_rows
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.staging import publish_staged
from services.sync.loads.telling import report_quarantine, report_strays, tell_parts, tell_vanished
from services.sync.loads.verdict import Gathered, Verdict, judge
from services.sync.upstreams import Upstreams

Verdicts = Mapping[str, Verdict]


async def settle(context: JobContext[Upstreams], run_id: UUID, batch: Sequence[Fetched], fetcher: RowFetcher) -> None:
    """Decide about every invoice of a batch, and tell billing of those that are proven."""
    found = [gathered for fetched in batch for gathered in fetched.invoices.values()]
    verdicts = {gathered.invoice.invoice_id: judge(gathered) for gathered in found}
    is_spilled = any(fetched.is_spilled for fetched in batch)
    async with context.writing() as session:
        await hold_load(session, run_id)
        rows = [row for gathered in found for row in gathered.rows]
        if rows:
            await repository.write_rows(session, run_id, fetcher.take_ordinals(len(rows)), rows)
        await _write_verdicts(session, run_id, found, verdicts, is_spilled=is_spilled)
        await _report(session, run_id, batch, verdicts)
        if is_spilled:
            bad = [each for each in found if not verdicts[each.invoice.invoice_id].is_good]
            await _note_found(session, run_id, bad, verdicts)
        else:
            await _tell(session, run_id, found, verdicts)
        await note_progress(session, run_id)
    if is_spilled:
        await publish_staged(context, run_id)


async def _write_verdicts(
    session: WriteSession, run_id: UUID, found: Sequence[Gathered], verdicts: Verdicts, *, is_spilled: bool
) -> None:
    columns = []
    for gathered in found:
        verdict = verdicts[gathered.invoice.invoice_id]
        state = InvoiceState.STAGED if is_spilled and verdict.is_good else verdict.state
        bad_text = gathered.bad_text
        columns.append(
            {
                "invoice_id": gathered.invoice.invoice_id,
                "state": state.value,
                "reason": verdict.reason,
                "rows": gathered.count,
                "rows_total": gathered.total,
                "bad_text": None if bad_text is None else bad_text.replace("\x00", ""),
            }
        )
    await repository.decide_invoices(session, run_id, columns)


async def _report(session: WriteSession, run_id: UUID, batch: Sequence[Fetched], verdicts: Verdicts) -> None:
    for fetched in batch:
        for invoice_id, gathered in fetched.invoices.items():
            verdict = verdicts[invoice_id]
            if not verdict.is_good:
                sums = {"checksum": gathered.checksum, "rows_total": gathered.total, "reason": verdict.reason}
                await report_quarantine(session, run_id, {**gathered.invoice.model_dump(), **sums})
    await report_strays(session, run_id, [stray for fetched in batch for stray in fetched.strays])


async def _tell(session: WriteSession, run_id: UUID, found: Sequence[Gathered], verdicts: Verdicts) -> None:
    """Publish the rows of proven invoices, say which of their old ones are gone, and put the new ones in force."""
    good = [each for each in found if verdicts[each.invoice.invoice_id].is_good]
    invoices = {each.invoice.invoice_id: each.invoice for each in good}
    await tell_parts(session, cut_rows(run_id, invoices, (row for each in good for row in each.facts)))
    earlier = await repository.known_invoices(session, [each.invoice.invoice_id for each in found])
    vanished = await repository.find_vanished(session, run_id, [key for key in invoices if key in earlier])
    await tell_vanished(session, run_id, vanished, {key: invoice.period for key, invoice in invoices.items()})
    await _note_found(session, run_id, found, verdicts)
    if earlier:
        await repository.drop_older_rows(session, run_id, sorted(earlier))


async def _note_found(session: WriteSession, run_id: UUID, found: Sequence[Gathered], verdicts: Verdicts) -> None:
    records = []
    for gathered in found:
        verdict = verdicts[gathered.invoice.invoice_id]
        records.append(
            {
                "invoice_id": gathered.invoice.invoice_id,
                "period": gathered.invoice.period,
                "latest_state": verdict.state.value,
                "rows": gathered.count,
                "is_good": verdict.is_good,
            }
        )
    await repository.note_invoices(session, run_id, records)
