"""Shapes that several events share: what a line, an agreement, an addition is, stripped to what matters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue

from services.contracts.money import Amount, AmountsByCurrency
from services.contracts.periods import Period
from services.contracts.vocabulary import BillOption, ByHand, DropRule, HoldReason, LineStatus, OperationKind

WordT = TypeVar("WordT", bound=StrEnum)


@dataclass(frozen=True)
class Only(Generic[WordT]):
    """The members that travel in a field, where that is not every member: no other can be published or read."""

    members: tuple[WordT, ...]

    def __call__(self, value: WordT) -> WordT:
        if value not in self.members:
            message = f"{value} does not travel here"
            raise ValueError(message)
        return value


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Chunk(Shape):
    """Place of a part in its whole: `index` from 0 to `count` - 1."""

    index: int
    count: int


class InvoiceFacts(Shape):
    """Header of one AppXite invoice. Dates are calendar days as invoiced; `period` is YYYY-MM of `invoice_date`."""

    invoice_id: str
    number: str
    invoice_date: date
    period: str
    currency: str
    status: str
    is_sendable: bool
    """Verified or later: only then may its lines leave."""


class RowFacts(Shape):
    """One row of an AppXite invoice, parsed. `charge_type` is the upstream text, unknown values included."""

    invoice_id: str
    row_id: str
    organization_id: str
    organization_name: str
    offer_id: str
    offer_name: str
    subscription_id: str
    subscription_name: str
    charge_type: str
    charge_start: date | None
    charge_end: date | None
    quantity: Amount
    unit_price: Amount
    total: Amount
    is_custom: bool = False
    """Row of a custom invoice: always one-time, whatever its charge type and subscription."""
    vendor: str = ""
    contract_number: str = ""
    purchase_order: str = ""
    """For descriptions alone; empty where the row does not say."""


class VanishedRow(Shape):
    """A row that an earlier load brought and its invoice no longer has."""

    invoice_id: str
    row_id: str


class DayRange(Shape):
    """From the first to the last day, both inside."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


class AgreementFacts(Shape):
    """What a ConnectWise agreement decides about an addition. Days, not instants."""

    agreement_id: str
    name: str
    company_id: str
    type_id: str
    type_name: str
    status: str
    """Active, Cancelled, Expired, Inactive; anything but Active takes no additions."""
    currency: str | None
    billing_cycle: str
    """Monthly, Quarterly, SemiAnnual, Yearly, …"""
    invoicing_cycle: str
    """CalendarYear or ContractYear: where billing periods begin."""
    billing_start: date
    next_invoice_date: date | None
    """First day not invoiced yet; None when the agreement was never invoiced."""
    end_date: date | None
    is_prorated: bool
    is_in_arrears: bool = False
    """Its periods are invoiced after their end."""
    has_parent: bool = False
    """It belongs to another agreement, whose invoices may bill its periods."""
    invoiced: list[DayRange] | None = None
    """Days whose billing period has an invoice; None where invoices were not read, so that the next invoice date alone
    says what is invoiced."""
    reopened: list[DayRange] = []
    """Days before the next invoice date whose invoice was deleted: they are open again."""
    unbilled: list[DayRange] = []
    """Days that were closed without an invoice while their agreement was watched: written off."""


class MirrorRecord(Shape):
    """One upstream record as mapping needs it; `attributes` keeps the rest of what was parsed."""

    external_id: str
    name: str
    is_active: bool = True
    parent_id: str | None = None
    """Contract and subscription → organization; agreement → company."""
    currency: str | None = None
    identifier: str | None = None
    """Company identifier, catalog item identifier, contract number."""
    attributes: dict[str, JsonValue] = {}
    agreement: AgreementFacts | None = None


class Tally(Shape):
    """A number of lines and their money: the one place where amounts are summed, never across currencies."""

    count: int
    amounts: AmountsByCurrency = {}

    @classmethod
    def of(cls, lines: Iterable[tuple[str, Decimal]]) -> Self:
        """Count lines, each a currency and an amount, and sum them by currency."""
        count = 0
        amounts: dict[str, Decimal] = {}
        for currency, amount in lines:
            count += 1
            amounts[currency] = amounts.get(currency, Decimal(0)) + amount
        return cls(count=count, amounts=amounts)

    def __add__(self, other: Self) -> Self:
        """Both together. `sum(tallies, Tally(count=0))` adds many."""
        currencies = {**self.amounts, **other.amounts}
        nothing = Decimal(0)
        sums = {each: self.amounts.get(each, nothing) + other.amounts.get(each, nothing) for each in currencies}
        return type(self)(count=self.count + other.count, amounts=sums)


Outcomes = dict[str, Tally]
"""Outcome name → tally, as a run reports them."""


class PlanScope(Shape):
    """What a plan is about: a period, narrowed by whatever else is given. Empty lists do not narrow."""

    period: Period
    organization_ids: list[str] = []
    agreement_ids: list[str] = []
    line_ids: list[UUID] = []
    subscription_id: str | None = None

    @property
    def is_whole_period(self) -> bool:
        return not (self.organization_ids or self.agreement_ids or self.line_ids or self.subscription_id)


ProrationRounds = Literal["unit_price", "amount"]


class PsaTraits(Shape):
    """What billing has to know of a PSA, whichever it is."""

    label: str
    """Its name, for people."""
    price_decimals: int
    """Decimals that it keeps of a unit price."""
    quantity_decimals: int
    longest_description: int
    cycle_months: dict[str, int]
    """Billing cycle, in small letters without spaces and hyphens → its length in months."""
    cycle_weeks: dict[str, int]
    non_recurring_cycles: list[str]
    """Cycles of one endless period, invoiced once."""
    refuses_invoiced_dates: bool
    """Whether an addition may not begin in an invoiced period, on an agreement that does not prorate."""
    catches_up: bool = True
    """Whether an agreement that prorates bills, with its next invoice, the days of invoiced periods for which an
    addition was not billed. Otherwise nothing ever bills them."""
    proration_rounds: ProrationRounds = "unit_price"
    """What is rounded to the currency where days are prorated: the price of one, or the whole amount."""


class CarriedLine(Shape):
    """A line that an addition stands for beside others, and how much of its charge."""

    line_id: UUID
    line_version: int
    invoice_id: str
    row_id: str
    amount: Amount
    charged: Amount | None = None
    """The part of AppXite's total that it stands for, where rules price the line so that `amount` is another one."""
    invoice_number: str = ""
    product: str = ""
    """The marketplace's offer."""
    replaces: str = ""
    """The marker under which the line was sent before, where that is another one now."""


class FirstCharge(Shape):
    """A recurring charge that no addition of ours carries yet: since go-live, one made by hand may bill it already."""

    agreement_id: str
    agreement: str
    product_id: str
    product: str
    quantity: Amount
    unit_price: Amount
    amount: Amount
    bills_from: date
    bills_through: date
    """First and last day of the billing period that the charge belongs to, whether that is invoiced or not."""
    description: str
    invoice_number: str
    offer: str


class HandBilled(Shape):
    """What was found, or decided, about one charge that may be billed by hand."""

    line_id: UUID
    state: ByHand | None
    """None where nothing is made by hand that might bill it, any more."""
    charged: Amount
    """The charge of which this holds; of another amount nobody knows it."""
    addition_id: str = ""
    """The addition made by hand; empty where none is named."""
    words: str = ""
    organization: str = ""
    currency: str = ""


class DesiredAddition(Shape):
    """One addition ConnectWise should hold for a line, in full. `marker` is its identity."""

    marker: str
    line_id: UUID
    line_version: int
    invoice_id: str
    row_id: str
    organization_id: str
    organization: str
    company_id: str
    company: str
    agreement_id: str
    agreement: str
    product_id: str
    product: str
    subscription_id: str
    subscription: str
    is_recurring: bool
    currency: str
    quantity: Amount
    unit_price: Amount
    amount: Amount
    """What is to be billed for the line; quantity × unit_price rounds to exactly this."""
    charged: Amount | None = None
    """AppXite's charge that it stands for, where rules or people price it so that `amount` and `rounded` come to
    another one. Of several additions for one line, the first stands for all that rules and people add."""
    unit_cost: Amount | None = None
    """Written beside the price; None where the PSA's own stays."""
    bill_option: BillOption
    taxable: bool
    effective_date: date
    moves_start: bool = False
    """A user has set the start: an addition that was adopted gives its own, older one up for it."""
    cancelled_date: date | None
    """Last billed day; None leaves the addition open."""
    invoice_description: str
    explanation: list[str] = []
    forecast: Amount | None = None
    """What ConnectWise is expected to bill for it in the period; None where no forecast is possible."""
    bills_from: date | None = None
    """First day of the billing period that bills the line; None where nobody knows the agreement's periods."""
    bills_through: date | None = None
    """Last day of the last billing period that bills the line."""
    period: str = ""
    """Month whose invoice charges it, YYYY-MM; empty where an older build said it."""
    is_frozen: bool = False
    """The PSA has invoiced it for this line, `amount` of it: whatever it holds now is left as it is."""
    corrects: str = ""
    """Of a true-up: the marker of the addition whose invoiced amount it corrects."""
    replaces: str = ""
    """The marker under which the line was sent before, where that is another one now."""
    is_exact: bool = False
    """Its agreement prorates: quantity × unit price comes to `amount` without rounding, in whatever form it is sent."""
    charged_quantity: Amount | None = None
    """What the charge says; None where the addition is no charge of its own, such as a true-up."""
    billed_amount: Amount | None = None
    """What the PSA has billed for the line in advance, with the values that the addition had before: the rest of
    `amount` goes out as a true-up. None where nothing was billed in advance."""
    first_charge: FirstCharge | None = None
    """Set where an addition made by hand may bill the charge already."""
    carries: list[CarriedLine] = []
    """Of an addition that stands for several lines: these. `line_id` names no line then, but what gathers them."""
    rounded: Amount = Decimal(0)
    """What is charged beyond `amount`, finer than the currency's smallest unit, and carried by no other addition."""

    @property
    def left_markers(self) -> list[str]:
        """The markers under which its lines were sent before."""
        return [marker for marker in (self.replaces, *(each.replaces for each in self.carries)) if marker]

    @property
    def is_single(self) -> bool:
        """Quantity 1 at the total stands for another quantity, because no unit price comes to the total."""
        return self.quantity == 1 and self.charged_quantity is not None and abs(self.charged_quantity) != 1

    @property
    def for_its_line(self) -> Decimal:
        """What it bills for the line."""
        return self.amount if self.billed_amount is None else self.billed_amount

    @property
    def marked_up(self) -> Decimal:
        """What rules and people add to AppXite's charge; negative where they take away."""
        return Decimal(0) if self.charged is None else self.for_its_line + self.rounded - self.charged


def tally_singles(additions: Iterable[DesiredAddition]) -> Tally:
    """The additions that go as quantity 1 in place of another quantity; one that is invoiced goes no more."""
    return Tally.of((each.currency, each.amount) for each in additions if each.is_single and not each.is_frozen)


class Closing(Shape):
    """An addition of ours that bills up to a day, because something else carries the charge after it."""

    marker: str
    agreement_id: str
    subscription_id: str
    last_billed_day: date
    explanation: str


class UnsentLine(Shape):
    """A line that a plan leaves out, as money and with its reasons."""

    line_id: UUID
    invoice_id: str
    row_id: str
    organization_id: str
    organization: str
    currency: str
    amount: Amount
    status: LineStatus
    reasons: list[HoldReason]
    invoice_number: str = ""
    product: str = ""
    """The marketplace's offer."""
    subscription_id: str = ""
    subscription: str = ""
    is_recurring: bool = False
    """Would be carried by the persistent addition of its subscription."""
    sent_marker: str = ""
    """The marker of the addition that carries it although it stays behind; empty when nothing was sent."""
    first_charge: FirstCharge | None = None
    """As in a desired addition, of a charge whose billing period is invoiced."""
    billed_by: str = ""
    """What bills it by hand, or may do, in words."""
    dropped_by: DropRule | None = None
    """The rule that drops it; None where it is not dropped."""


PUSHED = Only(
    (OperationKind.CREATE, OperationKind.UPDATE, OperationKind.ADOPT, OperationKind.TRUE_UP, OperationKind.NONE)
)
"""What can become of a desired addition. A cancelled one is desired by nobody: see `EndedAddition`."""


class MendedAmount(Shape):
    """The same money in the form that a PSA holds which keeps so many decimals."""

    quantity: Amount
    unit_price: Amount
    price_decimals: int
    quantity_decimals: int


class PushedAddition(Shape):
    """What became of one desired addition. `error` is empty when it was written and read back equal."""

    marker: str
    line_id: UUID
    line_version: int
    operation: Annotated[OperationKind, AfterValidator(PUSHED)]
    agreement_id: str
    addition_id: str | None
    amount: Amount
    error: str = ""
    effective_date: date | None = None
    """The start that the PSA holds; None where that is not known."""
    cancelled_date: date | None = None
    """The last billed day that the PSA holds; None while it is open, or from a build that did not say it."""
    bills_from: date | None = None
    bills_through: date | None = None
    """First and last day of the billing periods that bill the line, as it was planned."""
    is_recurring: bool | None = None
    """Whether it is the persistent addition of its subscription; None from a build that did not say it."""
    is_frozen: bool = False
    """It was invoiced before, and left as it is."""
    corrects: str = ""
    """Of a true-up: the marker of the addition whose invoiced amount it corrects."""
    carries: list[CarriedLine] = []
    """The lines that it stands for, as it was planned; empty where that is `line_id` alone."""
    mended: MendedAmount | None = None
    """The amount in another form than was planned, because the PSA keeps fewer decimals; None where it is as planned.
    """


class EndedAddition(Shape):
    """An addition of ours that bills no more: cancelled by us, or gone from the PSA."""

    marker: str
    agreement_id: str
    subscription_id: str
    addition_id: str
    last_billed_day: date | None
    """None when the addition is gone."""


class FieldChange(Shape):
    """Before and after of one field, as JSON values."""

    field: str
    before: JsonValue
    after: JsonValue
