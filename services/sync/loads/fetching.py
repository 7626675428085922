"""Reading the rows of invoices from AppXite without ever holding the month.

A question is one invoice, or one day where the API answers only by window. Rows beyond SPILL_ROWS of one
question are written down as they come and forgotten here; they count only once their invoice is proven.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from services.kit.base.deadline import end
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import (
    BadUpstreamAnswer,
    CredentialsRefused,
    RightMissing,
    TooManyRequests,
    UpstreamError,
    UpstreamUnreachable,
)
from services.kit.upstream.retry import keep_trying, passes_when_read_again
from services.sync.loads import repository
from services.sync.loads.verdict import Gathered
from services.sync.marketplaces.port import InvoiceRow, RowsQuestion, SourceClient
from services.sync.unreadable import Unreadable
from services.sync.upstreams import Upstreams

SPILL_ROWS = 2_500  # about 10 MB with their texts, and as much that is being written
QUESTIONS_AHEAD = 4  # as many as may be in flight
FAILURES_IN_A_ROW = 3  # after this many it is not the invoice, it is AppXite


@dataclass
class Fetched:
    """The answer to one question, invoice by invoice in its order."""

    question: RowsQuestion
    invoices: dict[str, Gathered]
    strays: list[Unreadable] = field(default_factory=list)
    """Rows of no invoice that was listed."""
    is_spilled: bool = False
    fault: UpstreamError | None = None

    @property
    def rows_held(self) -> int:
        return sum(len(gathered.rows) for gathered in self.invoices.values())


class RowFetcher:
    """Fetches for one load. `checksums` covers every invoice of the load; others' rows are strays."""

    def __init__(
        self,
        context: JobContext[Upstreams],
        run_id: UUID,
        source: SourceClient,
        checksums: Mapping[str, Decimal | None],
        first_ordinal: int,
    ) -> None:
        self._context = context
        self._run_id = run_id
        self._source = source
        self._known = checksums
        self._patience = context.resources.patience
        self._next_ordinal = first_ordinal

    def take_ordinals(self, count: int) -> int:
        """The first of `count` ordinals nobody else gets."""
        first = self._next_ordinal
        self._next_ordinal += count
        return first

    async def fetch_all(self, questions: Sequence[RowsQuestion]) -> AsyncIterator[Fetched]:
        """Answers in the order of the questions, some of them asked ahead."""
        waiting = deque(questions)
        ahead: deque[asyncio.Task[Fetched]] = deque()
        failures = 0
        try:
            while waiting or ahead:
                while waiting and len(ahead) < QUESTIONS_AHEAD:
                    ahead.append(asyncio.create_task(self._fetch(waiting.popleft())))
                fetched = await ahead[0]
                ahead.popleft()
                failures = failures + 1 if fetched.fault else 0
                if fetched.fault and failures >= FAILURES_IN_A_ROW and not isinstance(fetched.fault, BadUpstreamAnswer):
                    raise fetched.fault
                yield fetched
        finally:
            for task in ahead:
                task.cancel()
            for task in ahead:
                with suppress(asyncio.CancelledError, UpstreamError):
                    await task

    async def _fetch(self, question: RowsQuestion) -> Fetched:
        try:
            return await keep_trying(
                lambda: self._fetch_once(question), patience=self._patience, may_pass=passes_when_read_again
            )
        except (CredentialsRefused, RightMissing, TooManyRequests, UpstreamUnreachable):
            raise  # nothing about this invoice: the load cannot go on
        except UpstreamError as fault:
            fetched = self._begin(question)
            fetched.fault = fault
            for gathered in fetched.invoices.values():
                gathered.trouble = fault.message
                gathered.trouble_text = fault.raw if isinstance(fault, BadUpstreamAnswer) else ""
            return fetched

    async def _fetch_once(self, question: RowsQuestion) -> Fetched:
        fetched = self._begin(question)
        numbers = {gathered.invoice.number: gathered for gathered in fetched.invoices.values()}
        spill = _Spill(self._context, self._run_id)
        held = 0
        try:
            async for row in self._source.rows(question):
                invoice_id, number = _names_of(row)
                gathered = fetched.invoices.get(invoice_id) if invoice_id else numbers.get(number)
                if gathered is None:
                    self._note_stray(fetched, row, invoice_id)
                    continue
                gathered.take(_with_invoice(row, gathered.invoice.invoice_id))
                held += 1
                if held >= SPILL_ROWS:
                    await self._spill(fetched, spill)
                    held = 0
            if fetched.is_spilled:
                await self._spill(fetched, spill)
                await spill.finish()
        except BaseException:
            await spill.stop()
            await self._forget(fetched)
            raise
        return fetched

    def _begin(self, question: RowsQuestion) -> Fetched:
        invoices = {
            invoice.invoice_id: Gathered(invoice, self._known[invoice.invoice_id]) for invoice in question.invoices
        }
        return Fetched(question, invoices)

    def _note_stray(self, fetched: Fetched, row: InvoiceRow | Unreadable, invoice_id: str) -> None:
        """An answer by day brings rows of invoices that are done already; those of unknown ones are worth a word."""
        if invoice_id not in self._known:
            raw = row.raw[:500]
            fetched.strays.append(Unreadable("it belongs to no listed invoice", raw, invoice_id=invoice_id))

    async def _spill(self, fetched: Fetched, spill: "_Spill") -> None:
        rows = [row for gathered in fetched.invoices.values() for row in gathered.rows]
        await spill.write(self.take_ordinals(len(rows)), rows)
        for gathered in fetched.invoices.values():
            gathered.rows.clear()
        fetched.is_spilled = True

    async def _forget(self, fetched: Fetched) -> None:
        if fetched.is_spilled:
            async with self._context.writing() as session:
                await repository.drop_rows(session, self._run_id, list(fetched.invoices))


class _Spill:
    """Writes rows down while the next are read: one writing at a time."""

    def __init__(self, context: JobContext[Upstreams], run_id: UUID) -> None:
        self._context = context
        self._run_id = run_id
        self._writing: asyncio.Task[None] | None = None

    async def write(self, first_ordinal: int, rows: Sequence[InvoiceRow]) -> None:
        """Begin to write, once what was begun before is written."""
        await self.finish()
        self._writing = asyncio.create_task(self._write(first_ordinal, rows))

    async def finish(self) -> None:
        if self._writing is not None:
            await self._writing
            self._writing = None

    async def stop(self) -> None:
        """Leave nothing running; what was begun may be written or not."""
        if self._writing is not None:
            await end(self._writing)

    async def _write(self, first_ordinal: int, rows: Sequence[InvoiceRow]) -> None:
        async with self._context.writing() as session:
            await repository.write_rows(session, self._run_id, first_ordinal, rows)


def _names_of(row: InvoiceRow | Unreadable) -> tuple[str, str]:
    if isinstance(row, Unreadable):
        return row.invoice_id, row.invoice_number
    return row.facts.invoice_id, row.invoice_number


def _with_invoice(row: InvoiceRow | Unreadable, invoice_id: str) -> InvoiceRow | Unreadable:
    """A row that named its invoice only by number, with the id it belongs to."""
    if isinstance(row, Unreadable) or row.facts.invoice_id:
        return row
    return InvoiceRow(row.facts.model_copy(update={"invoice_id": invoice_id}), row.invoice_number, row.raw)
