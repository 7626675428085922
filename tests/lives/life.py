"""One life of a customer's subscriptions, as a finance person writes it down, and how its rows are read.

The data stands in `worked/*.toml`. A life has agreements in ConnectWise, and months: what AppXite invoices in each,
what people do, and through which day ConnectWise invoices afterwards. Beside it stands what must be billed.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

WORKED = Path(__file__).parent / "worked"
FIRST_OPEN = date(2026, 2, 1)
SEATS = "seats"
"""The subscription of rows that name none."""

_ROW = re.compile(
    r"^(?:(?P<name>[a-z][\w-]*)(?:#(?P<id>\w+))? )?(?P<kind>[A-Z]\w+)"
    r"(?: (?P<start>\d{4}-\d\d-\d\d) to (?P<end>\d{4}-\d\d-\d\d))?"
    r": (?P<quantity>-?[\d.]+) × (?P<price>-?[\d.]+) = (?P<total>-?[\d.]+)$"
)
_HAND_MADE = re.compile(
    r"^(?P<quantity>[\d.]+) × (?P<price>-?[\d.]+) from (?P<start>\S+)(?: through (?P<end>\S+))?"
    r"(?: for (?P<text>[^,]+))?(?:, (?P<option>\w+))?$"
)


Item = tuple[str, Decimal]
"""What a receipt lists: a kind of difference, or the reasons why a line was not sent, and money."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Agreement(_Data):
    """A ConnectWise agreement. Without anything said: monthly calendar periods from January 2026, billed in full."""

    cycle: str = "Monthly"
    periods: Literal["CalendarYear", "ContractYear"] = "CalendarYear"
    prorates: bool = False
    bill_start: date = date(2026, 1, 1)
    next_invoice: date = FIRST_OPEN
    """First day that ConnectWise has not invoiced when the life begins."""
    billed_in: Literal["advance", "arrears"] = "advance"
    of_another_company: bool = False
    end: date | None = None


class Month(_Data):
    """What happens in one month, in this order: AppXite invoices, people work, a push, ConnectWise invoices.

    A month may be named again later: then its work goes on.
    """

    month: str
    rows: list[str] = []
    """Rows of this month's invoice. Without any there is no invoice, or it stays as it was."""
    earlier: dict[str, list[str]] = {}
    """Invoices of other months that come, or are replaced, only now: month → all their rows."""
    custom: list[str] = []
    """Rows of an invoice written by hand."""
    invoice_day: int = 1
    status: str = "Verified"
    ended: dict[str, date] = {}
    """Subscriptions that AppXite says have ended, and when."""
    active: list[str] = []
    """Subscriptions that AppXite says are active again."""
    renamed: str = ""
    """The customer's new name."""
    moved_to: Literal["", "A", "B"] = ""
    """The agreement that a person maps the customer to."""
    rules: dict[str, Any] | None = None
    """The rules that an administrator sets now, for what is loaded from here on."""
    customer: Literal["", "excluded", "approved"] = ""
    exclude: list[str] = []
    """Rows of this month, by their ids, that a person leaves out; "2026-02/…" is a row of that month."""
    include: list[str] = []
    edit: dict[str, dict[str, str]] = {}
    """Row id → what a person types into its fields; nothing gives a field back to the rules."""
    deleted: bool = False
    """People delete the additions of agreement A in ConnectWise, before the push."""
    uninvoiced: list[date] = []
    """First days of billing periods of agreement A whose invoices a person deletes in ConnectWise, before the load."""
    hand_priced: Decimal | None = None
    """The unit price that a person gives every addition of agreement A in ConnectWise, after the push."""
    written_off: list[date] = []
    """First days of billing periods of agreement A that a person closes without an invoice, after the push."""
    decide: Literal["end", "keep", "later"] | None = None
    """About every addition that would bill without a charge."""
    by_hand: dict[str, Literal["adopt", "bill", "billed"]] = {}
    """Subscription → what a person says of its charge; the first addition made by hand beside it is meant."""
    listed: list[str] = []
    """Differences that the receipts of this month list: "no_charge 30.00"."""
    rounded: Decimal = Decimal(0)
    """What the receipts of this month name as finer than the currency, and billed by no addition."""
    unsent: list[str] = []
    """Lines that the receipts of this month name as not sent: "period_already_invoiced 10.00", reasons joined by +."""
    pushed: list[str] | None = None
    """The months that are pushed, in this order. Without it: those whose rows came, oldest first."""
    invoiced_before: date | None = None
    """The day through which ConnectWise has invoiced already when the push comes, after everything is loaded."""
    invoiced_through: date | Literal["nothing"] | None = None
    """Without it: through the month's last day."""
    invoiced_agreement: Literal["", "A", "B"] = ""
    """The only agreement that ConnectWise invoices this month; the other one stays as it is."""

    @property
    def through(self) -> date | None:
        """The day through which ConnectWise invoices at the end of the month; None where it does not."""
        if self.invoiced_through == "nothing":
            return None
        return self.invoiced_through or last_day_of(self.month)

    @property
    def months(self) -> list[str]:
        """The months whose rows come or change, oldest first."""
        return sorted({self.month, *self.earlier})


class Life(_Data):
    """What happens, and what must be billed: first day of the billing period → money, periods of nothing left out."""

    title: str
    why: str
    agreement: Agreement = Agreement()
    second: Agreement | None = None
    """Agreement B."""
    hand_made: list[str] = []
    """Additions that people made on agreement A before go-live."""
    currency: str = "EUR"
    billing_day: int = 1
    rules: dict[str, Any] = {}
    complete: bool = False
    """A person says of each month that it is complete."""
    months: list[Month] = Field(alias="month")
    billed: dict[str, Decimal] = {}
    billed_b: dict[str, Decimal] = {}
    billed_by_hand: Decimal = Decimal(0)
    """What ConnectWise had invoiced for these charges before the life begins."""
    found: list[str] = []
    """What the receipts say after the fact: first day of the period, and billed less expected."""
    billed_beside: Decimal = Decimal(0)
    """What additions made by hand bill that stand for none of these charges, and that nobody touches."""
    rounded: Decimal = Decimal(0)
    """What is finer than the currency in the end, and so never billed."""
    marked_up: Decimal = Decimal(0)
    """What price rules add to the charges that are sent."""
    difference: Decimal = Decimal(0)
    """Everything billed, less everything charged and marked up in the end; zero where ConnectWise bills just that."""

    @cached_property
    def charged(self) -> Decimal:
        """The total of all rows that are in force in the end."""
        return sum((row.total for row in self.rows_in_the_end), Decimal(0))

    @property
    def rows_in_the_end(self) -> list["Row"]:
        texts: dict[tuple[str, bool], list[str]] = {}
        for month in self.months:
            texts |= {(name, False): rows for name, rows in invoices_of(month).items()}
            if month.custom:
                texts[month.month, True] = month.custom
        return [row for rows in texts.values() for row in read_rows(rows)]

    @property
    def rows_ever(self) -> list["Row"]:
        """Every row that some invoice has had, as often as it came."""
        texts = [rows for month in self.months for rows in (*invoices_of(month).values(), month.custom)]
        return [row for rows in texts for row in read_rows(rows)]

    @property
    def agreements(self) -> dict[str, Agreement]:
        return {"A": self.agreement} | ({"B": self.second} if self.second else {})


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice row."""

    id: str
    subscription: str
    charge_type: str
    start: date | None
    end: date | None
    quantity: Decimal
    unit_price: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class HandMade:
    """An addition that people made."""

    quantity: Decimal
    unit_price: Decimal
    start: date
    end: date | None
    text: str
    """Its invoice description."""
    bill_option: str


@dataclass(frozen=True, slots=True)
class Theme:
    """One file of lives."""

    name: str
    title: str
    lives: list[Life]


def read_themes(folder: Path = WORKED) -> list[Theme]:
    """All worked lives, in the order of their files."""
    return [_read_theme(path) for path in sorted(folder.glob("*.toml"))]


def _read_theme(path: Path) -> Theme:
    body = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return Theme(path.stem, body["theme"], [Life.model_validate(each) for each in body["life"]])


def invoices_of(month: Month) -> dict[str, list[str]]:
    """Every invoice that comes or is replaced in a month, without those written by hand: its month → rows."""
    return {**month.earlier, **({month.month: month.rows} if month.rows else {})}


def read_rows(texts: Sequence[str]) -> list[Row]:
    """The rows of one invoice. A row without an id of its own is named for its subscription, kind and place."""
    seen: Counter[str] = Counter()
    return [_read_row(text, seen) for text in texts]


def _read_row(text: str, seen: Counter[str]) -> Row:
    found = _ROW.match(text)
    assert found, f"this is no row: {text}"
    name, kind = found["name"] or SEATS, found["kind"]
    seen[name + kind] += 1
    start, end = found["start"], found["end"]
    return Row(
        id=(found["id"] or f"{name}-{kind}-{seen[name + kind]}").lower(),
        subscription=name,
        charge_type=kind,
        start=date.fromisoformat(start) if start else None,
        end=date.fromisoformat(end) if end else None,
        quantity=Decimal(found["quantity"]),
        unit_price=Decimal(found["price"]),
        total=Decimal(found["total"]),
    )


def read_hand_made(text: str) -> HandMade:
    """An addition from a text like "10 × 3.00 from 2026-01-01"."""
    found = _HAND_MADE.match(text)
    assert found, f"this is no addition: {text}"
    end = found["end"]
    return HandMade(
        Decimal(found["quantity"]),
        Decimal(found["price"]),
        date.fromisoformat(found["start"]),
        date.fromisoformat(end) if end else None,
        found["text"] or "",
        found["option"] or "Billable",
    )


def read_item(text: str) -> Item:
    """What a receipt lists, from a text like "no_charge 30.00"."""
    name, _, amount = text.rpartition(" ")
    return name, Decimal(amount)


def last_day_of(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
