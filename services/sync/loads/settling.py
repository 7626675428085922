"""Deciding about fetched invoices and telling billing, in one transaction per batch.

A batch is decided, its rows written, its parts numbered and published together or not at all: a killed
worker's successor finds each invoice either untouched or done. Invoices too large for that are staged:
decided first, then told slice by slice from what was written, with the place kept beside the parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.contracts.events.sync import InvoiceQuarantined, RowsLoaded, TroubleNoted
from services.contracts.facts import InvoiceFacts, Outcomes, Tally, VanishedRow
from services.contracts.vocabulary import LogLevel
from services.kit import bus
from services.kit.db import WriteSession
from services.kit.work import JobContext
from services.sync.loads import repository
from services.sync.loads.fetching import Fetched, RowFetcher
from services.sync.loads.models import LoadInvoice
from services.sync.loads.parts import cut_rows, cut_vanished
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.verdict import Gathered, Verdict, judge
from services.sync.runs import repository as run_tables
from services.sync.runs import saga, service
from services.sync.upstreams import Upstreams

SLICE_ROWS = 5_000  # ten parts: a transaction well under a second
UNDECIDED = (InvoiceState.PENDING, InvoiceState.STAGED)


class LoadIsOver(Exception):
    """The run has ended, or everything was told: nothing more may be told in its name."""


async def settle(context: JobContext[Upstreams], run_id: UUID, batch: Sequence[Fetched], fetcher: RowFetcher) -> None:
    """Decide about every invoice of a batch and publish what is proven."""
    found = [gathered for fetched in batch for gathered in fetched.invoices.values()]
    verdicts = {gathered.invoice.invoice_id: judge(gathered) for gathered in found}
    is_spilled = any(fetched.is_spilled for fetched in batch)
    async with context.writing() as session:
        await hold_load(session, run_id)
        rows = [row for gathered in found for row in gathered.rows]
        if rows:
            await repository.write_rows(session, run_id, fetcher.take_ordinals(len(rows)), rows)
        await _write_verdicts(session, run_id, found, verdicts, is_spilled=is_spilled)
        await _report_quarantine(session, run_id, found, verdicts)
        await _report_strays(session, run_id, batch)
        if not is_spilled:
            good = [gathered for gathered in found if verdicts[gathered.invoice.invoice_id].is_good]
            invoices = {gathered.invoice.invoice_id: gathered.invoice for gathered in good}
            await _publish(session, cut_rows(run_id, invoices, (row for each in good for row in each.facts)))
            await _put_in_force(session, run_id, found, verdicts)
        await note_progress(session, run_id)
    if is_spilled:
        await publish_staged(context, run_id)


async def publish_staged(context: JobContext[Upstreams], run_id: UUID) -> None:
    """Tell billing of proven invoices whose rows were written down before, a slice per transaction."""
    while True:
        async with context.writing() as session:
            place = await hold_load(session, run_id)
            staged = await repository.list_invoices(session, run_id, [InvoiceState.STAGED])
            if not staged:
                return
            after = place.get("staged_after", -1)
            rows, last = await repository.read_staged_rows(session, run_id, after, SLICE_ROWS)
            invoices = {row.invoice_id: facts_of(row) for row in staged}
            await _publish(session, cut_rows(run_id, invoices, rows))
            if len(rows) < SLICE_ROWS:
                await _unstage(session, run_id, staged)
                last = -1
            await keep_place(session, run_id, {**place, "staged_after": last})
            await note_progress(session, run_id)


async def tell_missing(session: WriteSession, run_id: UUID, periods: Sequence[str]) -> None:
    """Flag every row of invoices that their month no longer has."""
    for period, invoice_ids in (await repository.mark_missing(session, run_id, periods)).items():
        vanished = await repository.find_valid_rows(session, invoice_ids)
        await _publish(session, cut_vanished(run_id, period, vanished))


async def report_quarantine(session: WriteSession, run_id: UUID, invoice: Mapping[str, Any]) -> None:
    """Say that one invoice is kept out, as an event and in the run's outcomes."""
    fact = InvoiceQuarantined(
        run_id=run_id,
        invoice_id=invoice["invoice_id"],
        number=invoice["number"] or invoice["invoice_id"],
        period=invoice["period"],
        reason=invoice["reason"],
        currency=invoice["currency"],
        checksum=invoice["checksum"],
        rows_total=invoice["rows_total"],
    )
    await bus.publish(session, fact, subject=f"invoice/{fact.invoice_id}")
    amounts = {fact.currency: fact.checksum} if fact.currency and fact.checksum is not None else {}
    outcomes: Outcomes = {InvoiceState.QUARANTINED.value: Tally(count=1, amounts=amounts)}
    await service.add_outcomes(session, run_id, outcomes)


async def note_progress(session: WriteSession, run_id: UUID) -> None:
    counts = await repository.count_by_state(session, run_id)
    undecided = sum(counts.get(state, 0) for state in UNDECIDED)
    total = sum(counts.values())
    await service.note_progress(session, run_id, total - undecided, total)


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


async def hold_load(session: WriteSession, run_id: UUID) -> dict[str, Any]:
    """Lock saga, then run, in the order that acknowledgements do; the place kept in the saga."""
    held = await run_tables.lock_saga(session, run_id)
    run = await run_tables.lock_run(session, run_id)
    if held is None or held.is_sealed or run is None or run.finished_at is not None:
        raise LoadIsOver(f"load {run_id} is over")
    return held.place


async def keep_place(session: WriteSession, run_id: UUID, place: dict[str, Any]) -> None:
    held = await run_tables.find_saga(session, run_id)
    if held is not None:
        held.place = place


async def _publish(session: WriteSession, parts: Iterable[RowsLoaded]) -> None:
    for part in parts:
        number = await saga.take_part(session, part.run_id)
        numbered = part.model_copy(update={"part": number})
        await bus.publish(session, numbered, subject=f"period/{part.period}")


async def _write_verdicts(
    session: WriteSession,
    run_id: UUID,
    found: Sequence[Gathered],
    verdicts: Mapping[str, Verdict],
    *,
    is_spilled: bool,
) -> None:
    def state_of(verdict: Verdict) -> str:
        return (InvoiceState.STAGED if is_spilled and verdict.is_good else verdict.state).value

    columns = []
    for gathered in found:
        verdict = verdicts[gathered.invoice.invoice_id]
        columns.append(
            {
                "invoice_id": gathered.invoice.invoice_id,
                "state": state_of(verdict),
                "reason": verdict.reason,
                "rows": gathered.count,
                "rows_total": gathered.total,
                "bad_text": _without_nul(gathered.bad_text),
            }
        )
    await repository.decide_invoices(session, run_id, columns)
    if is_spilled:
        bad = [each for each in found if not verdicts[each.invoice.invoice_id].is_good]
        await _note_found(session, run_id, bad, verdicts)


async def _report_quarantine(
    session: WriteSession, run_id: UUID, found: Sequence[Gathered], verdicts: Mapping[str, Verdict]
) -> None:
    for gathered in found:
        verdict = verdicts[gathered.invoice.invoice_id]
        if not verdict.is_good:
            facts = gathered.invoice.model_dump()
            sums = {"checksum": gathered.checksum, "rows_total": gathered.total, "reason": verdict.reason}
            await report_quarantine(session, run_id, {**facts, **sums})


async def _report_strays(session: WriteSession, run_id: UUID, batch: Sequence[Fetched]) -> None:
    strays = [stray for fetched in batch for stray in fetched.strays]
    if strays:
        title = f"{len(strays)} rows belong to no listed invoice"
        details = f"Invoice {strays[0].invoice_id or 'unnamed'}: {strays[0].raw}"
        fact = TroubleNoted(level=LogLevel.WARNING, title=title, details=details, run_id=run_id)
        await bus.publish(session, fact, subject=f"run/{run_id}")


async def _put_in_force(
    session: WriteSession, run_id: UUID, found: Sequence[Gathered], verdicts: Mapping[str, Verdict]
) -> None:
    """Make this load's rows the valid ones, after saying which of the old ones are gone."""
    good = [each.invoice.invoice_id for each in found if verdicts[each.invoice.invoice_id].is_good]
    periods = {each.invoice.invoice_id: each.invoice.period for each in found}
    earlier = await repository.known_invoices(session, list(periods))
    vanished = await repository.find_vanished(session, run_id, [each for each in good if each in earlier])
    await _publish_vanished(session, run_id, vanished, periods)
    await _note_found(session, run_id, found, verdicts)
    if earlier:
        await repository.drop_older_rows(session, run_id, sorted(earlier))


async def _unstage(session: WriteSession, run_id: UUID, staged: Sequence[LoadInvoice]) -> None:
    ids = [invoice.invoice_id for invoice in staged]
    periods = {invoice.invoice_id: invoice.period for invoice in staged}
    vanished = await repository.find_vanished(session, run_id, ids)
    await _publish_vanished(session, run_id, vanished, periods)
    states = {
        invoice.invoice_id: InvoiceState.ACCEPTED if invoice.is_sendable else InvoiceState.PREVIEW for invoice in staged
    }
    await repository.decide_invoices(
        session, run_id, [{"invoice_id": key, "state": state.value} for key, state in states.items()]
    )
    found = [
        {
            "invoice_id": invoice.invoice_id,
            "period": invoice.period,
            "latest_state": states[invoice.invoice_id].value,
            "rows": invoice.rows,
            "is_good": True,
        }
        for invoice in staged
    ]
    await repository.note_invoices(session, run_id, found)
    await repository.drop_older_rows(session, run_id, ids)


async def _note_found(
    session: WriteSession, run_id: UUID, found: Sequence[Gathered], verdicts: Mapping[str, Verdict]
) -> None:
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


async def _publish_vanished(
    session: WriteSession, run_id: UUID, vanished: Sequence[VanishedRow], periods: Mapping[str, str]
) -> None:
    for period in sorted({periods[row.invoice_id] for row in vanished}):
        of_period = [row for row in vanished if periods[row.invoice_id] == period]
        await _publish(session, cut_vanished(run_id, period, of_period))


def _without_nul(text: str | None) -> str | None:
    return None if text is None else text.replace("\x00", "")
