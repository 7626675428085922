"""Whether an invoice may go on: its rows must be readable, unique, and add up to its header's checksum. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal

from services.contracts.money import as_text, round_money
from services.contracts.shapes import InvoiceFacts, RowFacts
from services.sync.loads.schemas import InvoiceState
from services.sync.marketplaces.port import InvoiceRow
from services.sync.unreadable import Unreadable


@dataclass(slots=True)
class Gathered:
    """What was read of one invoice so far. `rows` may have been written down already, and then is short."""

    invoice: InvoiceFacts
    checksum: Decimal | None
    rows: list[InvoiceRow] = field(default_factory=list)
    count: int = 0
    total: Decimal = Decimal(0)
    row_ids: set[str] = field(default_factory=set)
    repeated: str = ""
    """A row id that came twice."""
    unreadable: list[Unreadable] = field(default_factory=list)
    trouble: str = ""
    """Why its rows could not be fetched at all."""
    trouble_text: str = ""

    def take(self, row: InvoiceRow | Unreadable) -> None:
        if isinstance(row, Unreadable):
            self.unreadable.append(row)
            return
        self.rows.append(row)
        self.count += 1
        self.total += row.facts.total
        if row.facts.row_id in self.row_ids:
            self.repeated = row.facts.row_id
        self.row_ids.add(row.facts.row_id)

    @property
    def facts(self) -> list[RowFacts]:
        return [row.facts for row in self.rows]

    @property
    def bad_text(self) -> str | None:
        """The text that could not be read, kept for whoever looks into it."""
        return self.trouble_text or "\n".join(each.raw for each in self.unreadable[:100]) or None


@dataclass(frozen=True, slots=True)
class Verdict:
    state: InvoiceState
    reason: str = ""

    @property
    def is_good(self) -> bool:
        return self.state is not InvoiceState.QUARANTINED


def judge(gathered: Gathered) -> Verdict:
    """Accepted, preview, or quarantined with the reason. One bad row keeps out its whole invoice."""
    reason = _objection(gathered)
    if reason:
        return Verdict(InvoiceState.QUARANTINED, reason)
    return Verdict(InvoiceState.ACCEPTED if gathered.invoice.is_sendable else InvoiceState.PREVIEW)


def _objection(gathered: Gathered) -> str:
    if gathered.trouble:
        return f"Its rows could not be read: {gathered.trouble}."
    if gathered.unreadable:
        number, first = len(gathered.unreadable), gathered.unreadable[0]
        return f"{number} of its rows cannot be read: {first.reason}."
    if gathered.repeated:
        return f"Row {gathered.repeated} is on it twice."
    return "It has no rows." if gathered.count == 0 else _objection_to_sum(gathered)


def _objection_to_sum(gathered: Gathered) -> str:
    currency = gathered.invoice.currency
    if gathered.checksum is None:
        return "Its header has no checksum, so nothing proves that its rows are complete."
    if round_money(gathered.total, currency) != round_money(gathered.checksum, currency):
        total, checksum = as_text(gathered.total), as_text(gathered.checksum)
        return f"Its rows add up to {total} {currency}, its header says {checksum} {currency}."
    return ""
