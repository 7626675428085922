"""What the Invoices grid reads and writes."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, create_model

from services.billing.lines.fields import FieldKind
from services.billing.rules.editable import EDITABLE, EditableField
from services.contracts.money import Amount, AmountsByCurrency
from services.contracts.periods import Period
from services.contracts.shapes import Tally
from services.contracts.vocabulary import BillOption, DropRule, HoldReason, LineStatus, Provenance
from services.kit.web.paging import Page


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


class FacetValue(BaseModel):
    """One value of a field, and the lines that have it."""

    value: str
    lines: Tally


class MonthTotals(BaseModel):
    """How many lines and how much money, by status and by what holds them."""

    lines: int
    amounts: AmountsByCurrency
    by_status: dict[LineStatus, Tally]
    hold_reasons: dict[HoldReason, Tally] = Field(description="A line with two reasons counts under both")


class LineTotals(MonthTotals):
    """What the filter finds, and what the month holds whatever the filter: both from the same instant."""

    month: MonthTotals = Field(description="All lines of the period; without one, the same as the filter")
    facets: dict[str, list[FacetValue]] = Field(
        description="Field → its values by number of lines, under the filter without what it says of this field"
    )


class LineGroup(BaseModel):
    """Lines that share a value of the field they are grouped by."""

    key: str = Field(description="What the filter of this field takes; empty where lines have none")
    name: str
    lines: Tally
    ready: int
    held: int


class LineSelection(BaseModel):
    """Lines by id, as a plan takes them."""

    period: Period
    lines: list[UUID]


class LineItemPage(Page[LineItem]):
    """One window of lines; cursors lead both ways and are null at either end."""

    previous_cursor: str | None


class FilterableField(BaseModel):
    """A field that lines are filtered, sorted, counted or grouped by."""

    name: str
    label: str
    kind: FieldKind
    parameters: dict[str, str] = Field(description="Operator → query parameter and member of a filter")
    values: list[str] | None = Field(description="All values, where they are a closed set")
    sortable: bool
    facet: bool
    group: bool


class FilterableFields(BaseModel):
    """Every such field, in the order of the grid."""

    items: list[FilterableField]
