"""What is known of a persistent addition: the charge that drives it, its home, and the segments before it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.billing.rules.line import Line
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.money import as_text
from services.contracts.vocabulary import BillOption


class Home(NamedTuple):
    """First and last day of the billing period that bills a charge."""

    first: date
    last: date


def spell_row(line: Line) -> str:
    """A row of an invoice as one text; row ids alone may repeat."""
    return f"{line.invoice_id}/{line.row_id}"


def spell_money(
    quantity: Decimal | None, unit_price: Decimal | None, product_id: str | None, option: BillOption, *, taxable: bool
) -> str:
    """The values of an addition that decide what it bills, as one text; empty while one is missing."""
    if quantity is None or unit_price is None or product_id is None:
        return ""
    amount = f"{as_text(quantity.normalize())} × {as_text(unit_price.normalize())}"
    return f"{amount}, {product_id}, {option.value}, {'taxable' if taxable else 'not taxable'}"


def _differ_in_form(one: str, other: str) -> bool:
    """Whether two amounts that come to the same total are a quantity at finer and at coarser prices, or quantity 1.

    So they are told apart by how many decimals the PSA was known to keep, not by what is charged.
    """
    (amount, _, rest), (other_amount, _, other_rest) = one.partition(", "), other.partition(", ")
    quantities = {amount.partition(" × ")[0], other_amount.partition(" × ")[0]}
    return rest == other_rest and (len(quantities) == 1 or "1" in quantities)


@dataclass(frozen=True, slots=True)
class PersistentAddition:
    """One segment: which row drove it last, which began it, and what it bills."""

    invoice_id: str
    row_id: str
    period: str
    effective_date: date
    """The start that the PSA holds: of one that was made by hand, the older one."""
    amount: Decimal
    begun_by: str
    """The row that created it, see `spell_row`. Whatever drives it later leaves its start alone."""
    is_ended: bool = False
    last_billed_day: date | None = None
    """Of one that was ended; None when it is gone from the PSA."""
    invoiced_before: date | None = None
    """The agreement's next invoice date when `amount` was written: earlier periods were billed without it."""
    amount_before: Decimal | None = None
    """What it held until then; None where it was written for the first time."""
    segment: int = 1
    marker: str = ""
    home: Home | None = None
    """Of the charge that drives it; None where an older build did not remember it."""
    charge_end: date | None = None
    """Last day of that charge."""
    money: str = ""
    """See `spell_money`; empty where an older build did not remember it."""
    ends_on: date | None = None
    """The last billed day that the PSA holds; None while it is open."""
    charged_from: date | None = None
    """First day of the first home that had a charge. An adopted addition starts before it."""
    earlier: tuple["PersistentAddition", ...] = ()
    """The segments before this one, oldest first."""

    @property
    def segments(self) -> tuple["PersistentAddition", ...]:
        return (*self.earlier, self)

    def find_segment(self, marker: str | None) -> "PersistentAddition | None":
        """The segment that carries a marker; None where none of them does."""
        return next((each for each in self.segments if each.marker == marker), None)

    @property
    def is_driven_by_its_first_row(self) -> bool:
        return self.begun_by == f"{self.invoice_id}/{self.row_id}"

    @property
    def is_adopted(self) -> bool:
        return self.charged_from is not None and self.effective_date < self.charged_from

    @property
    def begins_with_its_home(self) -> bool:
        """Whether it was begun on the first day of a home, as a segment after another is."""
        return self.segment > 1 and self.home is not None and self.effective_date == self.home.first

    def bills_on(self, day: date) -> bool:
        """Whether it has not ended before a day."""
        return self.ends_on is None or self.ends_on >= day

    def waits_for_invoice(self, terms: AgreementTerms | None) -> bool:
        """Whether the PSA will bill its days in invoiced periods with the next invoice, as where it prorates.

        No invoice has come since it was made. All of these days are billed with what it holds then.
        """
        if terms is None or self.amount_before is not None or self.is_adopted:
            return False
        return terms.catches_up and self.invoiced_before == terms.invoiced_before

    def amount_on(self, day: date) -> Decimal:
        """What it held when the period of a day was invoiced."""
        is_earlier = self.invoiced_before is not None and day < self.invoiced_before
        return self.amount_before if is_earlier and self.amount_before is not None else self.amount

    def is_begun_by(self, line: Line) -> bool:
        return self.begun_by == spell_row(line)

    def is_driven_by(self, line: Line) -> bool:
        return (self.invoice_id, self.row_id) == (line.invoice_id, line.row_id)

    def has_values(self, money: str, total: Decimal, *, may_change_form: bool = False) -> bool:
        """Whether a charge would leave what it bills as it is; one of an older build is known by its amount alone.

        Args:
            may_change_form: the same money in another form bills the same, as it does where no days are prorated.
        """
        if not (money and self.money):
            return total == self.amount
        is_other_form = may_change_form and total == self.amount and _differ_in_form(money, self.money)
        return money == self.money or is_other_form
