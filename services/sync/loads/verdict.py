"""Whether an invoice may go on: its rows must be readable, unique, and add up to its header's checksum. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal

from services.contracts.money import as_text, round_money
from services.contracts.shapes import InvoiceFacts
from services.sync.unreadable import Unreadable


@dataclass(slots=True)
class Gathered:
    """What the answer said of one invoice, besides the rows that were written down."""

    invoice: InvoiceFacts
    checksum: Decimal | None
    unreadable: list[Unreadable] = field(default_factory=list)
    trouble: str = ""
    """Why its rows could not be fetched at all."""
    trouble_text: str = ""

    @property
    def bad_text(self) -> str | None:
        """The text that could not be read, kept for whoever looks into it."""
        return self.trouble_text or "\n".join(each.raw for each in self.unreadable[:100]) or None


@dataclass(frozen=True, slots=True)
class RowSum:
    """The written rows of one invoice, added up by the database."""

    count: int = 0
    total: Decimal = Decimal(0)
    repeated: str | None = None
    """A row id that came twice."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Good where `reason` is empty."""

    reason: str = ""

    @property
    def is_good(self) -> bool:
        return not self.reason


def judge(gathered: Gathered, rows: RowSum) -> Verdict:
    """Proven, or not, with the reason. One bad row keeps out its whole invoice."""
    if gathered.trouble:
        return Verdict(f"Its rows could not be read: {gathered.trouble}.")
    if gathered.unreadable:
        number, first = len(gathered.unreadable), gathered.unreadable[0]
        return Verdict(f"{number} of its rows cannot be read: {first.reason}.")
    if rows.repeated is not None:
        return Verdict(f"Row {rows.repeated} is on it twice.")
    return Verdict("It has no rows." if rows.count == 0 else _objection_to_sum(gathered, rows.total))


def _objection_to_sum(gathered: Gathered, total: Decimal) -> str:
    currency = gathered.invoice.currency
    if gathered.checksum is None:
        return "Its header has no checksum, so nothing proves that its rows are complete."
    if round_money(total, currency) != round_money(gathered.checksum, currency):
        said = as_text(gathered.checksum)
        return f"Its rows add up to {as_text(total)} {currency}, its header says {said} {currency}."
    return ""
