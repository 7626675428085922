"""What is billed for a line: quantity, unit price and total, as the rules make them of what the marketplace charges."""

from dataclasses import dataclass
from decimal import Decimal

from services.billing.rules.book import RateBook
from services.billing.rules.line import Line


@dataclass(frozen=True, slots=True)
class Priced:
    """The values that go to the PSA for a line, and why they differ from what the marketplace charges.

    `Line.total` stays what the marketplace charges; whatever means money to be billed is `total` here.
    """

    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    words: tuple[str, ...] = ()


def price_line(line: Line, _book: RateBook) -> Priced:
    """What is billed for a line: as charged."""
    return Priced(line.quantity, line.unit_price, line.total)
