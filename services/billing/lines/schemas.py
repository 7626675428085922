"""What the Invoices grid reads and writes."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, create_model

from services.billing.rules.editable import EDITABLE, EditableField
from services.contracts.money import Amount
from services.contracts.periods import Period
from services.contracts.shapes import Tally
from services.contracts.vocabulary import BillOption, DropRule, HoldReason, LineStatus, Provenance


class LineSort(StrEnum):
    """Orders of the grid; a leading minus turns them round. Open ends come after every day."""

    ORGANIZATION = "organization"
    ORGANIZATION_DOWN = "-organization"
    OFFER = "offer"
    OFFER_DOWN = "-offer"
    SUBSCRIPTION = "subscription"
    SUBSCRIPTION_DOWN = "-subscription"
    INVOICE_NUMBER = "invoice_number"
    INVOICE_NUMBER_DOWN = "-invoice_number"
    CHARGE_TYPE = "charge_type"
    CHARGE_TYPE_DOWN = "-charge_type"
    STATUS = "status"
    STATUS_DOWN = "-status"
    QUANTITY = "quantity"
    QUANTITY_DOWN = "-quantity"
    TOTAL = "total"
    TOTAL_DOWN = "-total"
    CHARGE_START_DATE = "charge_start_date"
    CHARGE_START_DATE_DOWN = "-charge_start_date"
    CHARGE_END_DATE = "charge_end_date"
    CHARGE_END_DATE_DOWN = "-charge_end_date"


SortValue = str | Decimal | date


def read_sort_value(sort: LineSort, text: str) -> SortValue:
    """A sort value as a cursor spells it.

    Raises:
        ValueError: the text is none of this order.
    """
    match sort.lstrip("-"):
        case "total" | "quantity":
            value = Decimal(text)
            if not value.is_finite():
                raise ValueError(text)
            return value
        case "charge_start_date" | "charge_end_date":
            return date.fromisoformat(text)
        case _:
            return text


class LineFilter(BaseModel):
    """What people look for, in lists, totals and bulk edits alike. What is absent does not narrow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Period | None = None
    status: tuple[LineStatus, ...] = ()
    organization: str | None = Field(None, max_length=300, description="Id or whole name")
    charge_type: str | None = Field(None, max_length=100)
    currency: str | None = Field(None, max_length=10)
    search: str | None = Field(None, max_length=200, description="Text in a name or invoice number")
    hold_reason: HoldReason | None = None


class DateOrigin(BaseModel):
    """Where a date comes from: what was invoiced, what the rules say, what a user typed, and which one holds."""

    provenance: Provenance
    source: date | None
    system: date | None
    user: date | None
    explanation: str


class LineOrigins(BaseModel):
    """Origins of the fields that rules and people may change."""

    charge_start_date: DateOrigin
    charge_end_date: DateOrigin


class LineItem(BaseModel):
    """An invoice line as the grid shows it. Names stand beside ids; those of the PSA are null while unmapped."""

    id: UUID
    version: int
    status: LineStatus
    hold_reasons: list[HoldReason]
    period: str
    organization: str
    organization_id: str
    company: str | None
    company_id: str | None
    agreement: str | None
    agreement_id: str | None
    offer: str
    offer_id: str
    product: str | None
    product_id: str | None
    subscription: str
    subscription_id: str
    invoice_number: str
    invoice_id: str
    invoice_date: date
    row_id: str
    charge_type: str
    is_recurring: bool
    quantity: Amount
    unit_price: Amount
    total: Amount
    currency: str
    charge_start_date: date | None
    charge_end_date: date | None
    """Null is open: the addition runs on."""
    description: str
    bill_option: BillOption
    taxable: bool
    addition_quantity: Amount | None
    addition_unit_price: Amount | None
    amount: Amount
    """What is to be billed for the line; `total` is what the marketplace charges."""
    unit_cost: Amount | None
    """Written beside the price; null where the rules leave it to the PSA."""
    remainder: Amount
    """What of its price is finer than the currency: it goes into the rounding of its month."""
    is_gathered: bool
    """Goes out in one addition with the other usage of its subscription."""
    carried_with: int
    """How many other lines the addition carries that it was sent with."""
    forecast: Amount | None
    """What the PSA will bill for this line; null where that cannot be told."""
    explanation: list[str]
    warnings: list[str]
    push_error: str
    excluded: bool
    decided: dict[str, JsonValue]
    """Editable field → what a person decided about it, of the fields that people have decided; else the rules hold."""
    is_invoiced: bool
    """The PSA has invoiced it: only the fields can be changed that `editable-fields` names for that."""
    dropped_by: DropRule | None
    """The rule that does not pass it on, or not what is new in it since it was invoiced."""
    provenance: LineOrigins
    sent_at: AwareDatetime | None
    addition_id: str | None


class LineChangeBase(BaseModel):
    """What to change; null clears the user's value, absent leaves it. `version` is that of the line read before."""

    version: int
    reason: str = Field(default="", max_length=500)

    def decisions(self) -> dict[str, JsonValue]:
        """What was decided about each editable field that was given."""
        return self.model_dump(mode="json", include=EDITABLE.keys() & self.model_fields_set)


def build_line_change(editable: Mapping[str, EditableField]) -> type[LineChangeBase]:
    """The model of a change with a member for each editable field."""
    fields: dict[str, Any] = {name: (each.accepts | None, None) for name, each in editable.items()}
    return create_model("LineChange", __base__=LineChangeBase, __doc__=LineChangeBase.__doc__, **fields)


if TYPE_CHECKING:
    LineChange = LineChangeBase  # a type checker sees what every change has
else:
    LineChange = build_line_change(EDITABLE)


class LineTotals(BaseModel):
    """How many lines and how much money the filter finds, by status and by what holds them."""

    lines: int
    by_status: dict[LineStatus, Tally]
    hold_reasons: dict[HoldReason, Tally]
