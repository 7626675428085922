"""Reading the rows of invoices from AppXite without ever holding the month.

One request covers one invoice, or one day where the API takes only date windows. Rows are written to the database
as they come, WRITE_ROWS at a time; what is left of short answers is written together with that of others, by the
transaction that judges them. Rows count only once their invoice is proven.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from services.kit.base.db import WriteSession
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
from services.sync.marketplaces.port import InvoiceRow, Marketplace, RowsQuestion
from services.sync.unreadable import Unreadable
from services.sync.upstreams import Upstreams

WRITE_ROWS = 2_500  # about 10 MB with their texts
QUESTIONS_AHEAD = 4  # as many as may be in flight
LARGE_ANSWER = WRITE_ROWS  # rows; from here on it is reading that takes the time, no longer asking
FAILURES_IN_A_ROW = 3  # after this many it is not the invoice, it is AppXite


@dataclass
class Fetched:
    """The answer to one question: what is known of each invoice, and the rows that are not written yet."""

    question: RowsQuestion
    invoices: dict[str, Gathered]
    rows: list[InvoiceRow] = field(default_factory=list)
    strays: list[Unreadable] = field(default_factory=list)
    """Rows of no invoice that was listed."""
    count: int = 0
    """Readable rows, written or not."""
    first: int | None = None
    """The lowest ordinal among its written rows; rows of other answers may lie between them."""
    end: int = 0
    """Beyond the highest ordinal."""
    fault: UpstreamError | None = None

    def note_written(self, first: int, end: int) -> None:
        self.first = first if self.first is None else self.first
        self.end = max(self.end, end)


class RowFetcher:
    """Fetches for one load. `checksums` covers every invoice of the load; others' rows are strays."""

    def __init__(
        self,
        context: JobContext[Upstreams],
        run_id: UUID,
        source: Marketplace,
        checksums: Mapping[str, Decimal | None],
        first_ordinal: int,
    ) -> None:
        self._context = context
        self._run_id = run_id
        self._source = source
        self._known = checksums
        self._patience = context.resources.patience
        self._next_ordinal = first_ordinal

    async def fetch_all(self, questions: Sequence[RowsQuestion]) -> AsyncIterator[Fetched]:
        """Answers in the order of the questions, some of them asked ahead.

        Large answers are read one after the other. Read side by side they would all end at the same time, and billing
        would have nothing to do until then.
        """
        waiting = deque(questions)
        ahead: deque[asyncio.Task[Fetched]] = deque()
        most_ahead, failures = 1, 0
        try:
            while waiting or ahead:
                self._ask_ahead(waiting, ahead, most_ahead)
                fetched = await ahead[0]
                ahead.popleft()
                failures = failures + 1 if fetched.fault else 0
                if fetched.fault and failures >= FAILURES_IN_A_ROW and not isinstance(fetched.fault, BadUpstreamAnswer):
                    raise fetched.fault
                most_ahead = 1 if fetched.count >= LARGE_ANSWER else min(most_ahead + 1, QUESTIONS_AHEAD)
                self._ask_ahead(waiting, ahead, most_ahead)  # the next is read while this one is judged
                yield fetched
        finally:
            for task in ahead:
                task.cancel()
            for task in ahead:
                with suppress(asyncio.CancelledError, UpstreamError):
                    await task

    def _ask_ahead(self, waiting: deque[RowsQuestion], ahead: "deque[asyncio.Task[Fetched]]", most_ahead: int) -> None:
        while waiting and len(ahead) < most_ahead:
            ahead.append(asyncio.create_task(self._fetch(waiting.popleft())))

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
        try:
            async for row in self._source.rows(question):
                invoice_id, number = _names_of(row)
                gathered = fetched.invoices.get(invoice_id) if invoice_id else numbers.get(number)
                if gathered is None:
                    self._note_stray(fetched, row, invoice_id)
                elif isinstance(row, Unreadable):
                    gathered.unreadable.append(row)
                else:
                    await self._take(fetched, _with_invoice(row, gathered.invoice.invoice_id))
        except UpstreamError:
            await self._forget(fetched)
            raise
        return fetched

    async def _take(self, fetched: Fetched, row: InvoiceRow) -> None:
        fetched.rows.append(row)
        fetched.count += 1
        if len(fetched.rows) >= WRITE_ROWS:
            async with self._context.writing() as session:
                await self.write_rest(session, [fetched])

    async def write_rest(self, session: WriteSession, answers: Sequence[Fetched]) -> None:
        """Write the rows that are not written yet, in the order of the answers."""
        rows = [row for fetched in answers for row in fetched.rows]
        if not rows:
            return
        first = self._next_ordinal
        self._next_ordinal += len(rows)
        await repository.write_rows(session, self._run_id, first, rows)
        for fetched in answers:
            fetched.rows.clear()
            fetched.note_written(first, first + len(rows))

    async def _forget(self, fetched: Fetched) -> None:
        if fetched.end:
            async with self._context.writing() as session:
                await repository.drop_rows(session, self._run_id, list(fetched.invoices))

    def _begin(self, question: RowsQuestion) -> Fetched:
        invoices = {
            invoice.invoice_id: Gathered(invoice, self._known[invoice.invoice_id]) for invoice in question.invoices
        }
        return Fetched(question, invoices)

    def _note_stray(self, fetched: Fetched, row: InvoiceRow | Unreadable, invoice_id: str) -> None:
        """A request by day also returns rows of invoices already judged; only those of unlisted ones are reported."""
        if invoice_id not in self._known:
            raw = row.raw[:500]
            fetched.strays.append(Unreadable("it belongs to no listed invoice", raw, invoice_id=invoice_id))


def _names_of(row: InvoiceRow | Unreadable) -> tuple[str, str]:
    if isinstance(row, Unreadable):
        return row.invoice_id, row.invoice_number
    return row.facts.invoice_id, row.invoice_number


def _with_invoice(row: InvoiceRow, invoice_id: str) -> InvoiceRow:
    """A row that named its invoice only by number, with the id it belongs to."""
    if row.facts.invoice_id:
        return row
    return InvoiceRow(row.facts.model_copy(update={"invoice_id": invoice_id}), row.invoice_number, row.raw)
