"""What became of a life: what ConnectWise billed of each addition, and what receipts had said before."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from tests.lives.life import Item


class Billed(NamedTuple):
    """One addition on one invoice of ConnectWise."""

    time: int
    """Place in the order of everything that happened: receipts and invoices are counted together."""
    letter: str
    """The agreement."""
    period_start: str
    marker: str
    addition_id: str
    amount: Decimal


class Listed(NamedTuple):
    """One difference on one receipt."""

    time: int
    month: str
    """Of the receipt."""
    kind: str
    agreement_id: str
    addition_id: str
    subscription: str
    amount: Decimal

    @classmethod
    def read(cls, time: int, month: str, item: Mapping[str, Any]) -> "Listed":
        """A difference as the receipt has it."""
        return cls(
            time,
            month,
            item["kind"],
            item["agreement_id"],
            item["addition_id"] or "",
            item["subscription"],
            Decimal(item["amount"]),
        )


class Left(NamedTuple):
    """A line that a receipt names as not sent."""

    subscription: str
    reasons: tuple[str, ...]
    amount: Decimal


@dataclass
class Played:
    """What became of one life."""

    billed: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Agreement and first day of the billing period → money."""
    bills: list[Billed] = field(default_factory=list)
    """The same, addition by addition, in order."""
    listed: dict[int, list[Item]] = field(default_factory=lambda: defaultdict(list))
    """Place of the month in the life → differences that its receipts list."""
    differences: list[Listed] = field(default_factory=list)
    """All of them, in order, whichever month's receipt lists them."""
    receipts: dict[str, int] = field(default_factory=dict)
    """Month → time of its newest receipt."""
    unsent: dict[int, list[Item]] = field(default_factory=lambda: defaultdict(list))
    """Place of the month in the life → lines that its receipts name as not sent."""
    left: dict[str, list[Left]] = field(default_factory=dict)
    """Month → lines that its newest receipt names as not sent."""
    owners: dict[str, str] = field(default_factory=dict)
    """Marker → subscription whose charges the addition bills."""
    invoices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Agreement and invoice, as ConnectWise made them."""
    found: list[str] = field(default_factory=list)
    """What was billed otherwise than a receipt expected: first day of the period, and money."""
    rounded: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Place of the month in the life → what its receipts name as finer than the currency."""
    second_plans: list[str] = field(default_factory=list)
    """What a plan would have written right after a push."""
    failures: list[str] = field(default_factory=list)
    """What the receipts call failures."""

    def final_differences(self) -> list[Listed]:
        """Those of each month's newest receipt."""
        return [each for each in self.differences if self.receipts[each.month] == each.time]
