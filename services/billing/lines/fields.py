"""The fields of a line that people filter, sort, group and count by, defined once.

An entry of FIELDS is all that a new one needs: query parameters, the filter of bulk edits and of saved views,
orders, facets, groups and the list that the grid draws its filters from are derived from here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from services.billing.rules.editable import EDITABLE
from services.contracts.vocabulary import BillOption, HoldReason, LineStatus, MirrorKind, Provenance


class FieldKind(StrEnum):
    """What a field holds; it decides which operators fit and how values are written."""

    MONTH = "month"  # YYYY-MM
    TEXT = "text"
    NAME = "name"  # something with an id and a name: both are understood
    SET = "set"  # one of few values
    NUMBER = "number"
    MONEY = "money"  # an amount in the currency of its line
    DATE = "date"
    INSTANT = "instant"  # filtered by its day in UTC
    FLAG = "flag"
    PROVENANCE = "provenance"
    EDITS = "edits"  # the editable fields that people have decided about


class Operator(StrEnum):
    """How a field is compared. The value is the ending of the query parameter."""

    ANY_OF = ""
    NONE_OF = "not"
    CONTAINS = "contains"
    IS_EMPTY = "empty"
    AT_LEAST = "min"
    AT_MOST = "max"
    FROM = "from"
    TO = "to"


OPERATORS: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.MONTH: (Operator.ANY_OF, Operator.FROM, Operator.TO),
    FieldKind.TEXT: (Operator.ANY_OF, Operator.CONTAINS),
    FieldKind.NAME: (Operator.ANY_OF, Operator.NONE_OF, Operator.CONTAINS),
    FieldKind.SET: (Operator.ANY_OF, Operator.NONE_OF),
    FieldKind.NUMBER: (Operator.AT_LEAST, Operator.AT_MOST),
    FieldKind.MONEY: (Operator.AT_LEAST, Operator.AT_MOST),
    FieldKind.DATE: (Operator.FROM, Operator.TO),
    FieldKind.INSTANT: (Operator.FROM, Operator.TO),
    FieldKind.FLAG: (Operator.ANY_OF,),
    FieldKind.PROVENANCE: (Operator.ANY_OF,),
    FieldKind.EDITS: (Operator.ANY_OF, Operator.IS_EMPTY),
}


@dataclass(frozen=True, slots=True)
class LineField:
    """One field. Its name is that of the grid's column and of the query parameter."""

    name: str
    label: str
    kind: FieldKind
    column: str
    """Where the table of lines has its value; of a NAME, its id."""
    name_column: str | None = None
    """Where the line itself has the name."""
    named_by: MirrorKind | None = None
    """What the name is looked up among, where the line has the id only."""
    values: type[StrEnum] | None = None
    """All values of a closed set."""
    can_be_empty: bool = False
    is_sortable: bool = True
    is_facet: bool = False
    """Counted by value with every total: few values, and no more than a few hundred combinations with the others."""
    is_group: bool = False
    """Lines can be added up by it."""

    @property
    def operators(self) -> tuple[Operator, ...]:
        more = (Operator.IS_EMPTY,) if self.can_be_empty else ()
        return OPERATORS[self.kind] + more

    def parameter(self, operator: Operator) -> str:
        """The name of the query parameter and of the filter's member."""
        return f"{self.name}_{operator.value}" if operator.value else self.name


if TYPE_CHECKING:

    class EditableName(StrEnum):
        """A field that people may edit."""

else:
    EditableName = StrEnum("EditableName", {name.upper(): name for name in EDITABLE})
_K = FieldKind

FIELDS: dict[str, LineField] = {
    field.name: field
    for field in (
        LineField("period", "Month", _K.MONTH, "period", is_group=True),
        LineField("organization", "Organization", _K.NAME, "organization_id", "organization_name", is_group=True),
        LineField("status", "Status", _K.SET, "status", values=LineStatus, is_facet=True, is_group=True),
        LineField(
            "hold_reason",
            "Hold reason",
            _K.SET,
            "hold_reasons",
            values=HoldReason,
            can_be_empty=True,
            is_sortable=False,
            is_facet=True,
        ),
        LineField("subscription", "Subscription", _K.NAME, "subscription_id", "subscription_name", is_group=True),
        LineField("charge_type", "Charge type", _K.SET, "charge_type", is_facet=True, is_group=True),
        LineField("total", "Total", _K.MONEY, "total"),
        LineField("currency", "Currency", _K.SET, "currency", is_facet=True, is_group=True),
        LineField("charge_start_date", "Charge start", _K.DATE, "charge_start", can_be_empty=True),
        LineField("charge_end_date", "Charge end", _K.DATE, "charge_end", can_be_empty=True),
        LineField("quantity", "Quantity", _K.NUMBER, "quantity"),
        LineField("unit_price", "Unit price", _K.MONEY, "unit_price"),
        LineField("amount", "Amount to bill", _K.MONEY, "amount"),
        LineField(
            "company", "Company", _K.NAME, "company_id", named_by=MirrorKind.COMPANY, can_be_empty=True, is_group=True
        ),
        LineField(
            "agreement",
            "Agreement",
            _K.NAME,
            "agreement_id",
            named_by=MirrorKind.AGREEMENT,
            can_be_empty=True,
            is_group=True,
        ),
        LineField(
            "product",
            "Product",
            _K.NAME,
            "product_id",
            named_by=MirrorKind.CATALOG_ITEM,
            can_be_empty=True,
            is_group=True,
        ),
        LineField("offer", "Offer", _K.NAME, "offer_id", "offer_name", is_group=True),
        LineField("vendor", "Vendor", _K.TEXT, "vendor", can_be_empty=True, is_group=True),
        LineField("invoice_number", "Invoice", _K.TEXT, "invoice_number", is_group=True),
        LineField("invoice_date", "Invoice date", _K.DATE, "invoice_date"),
        LineField("contract_number", "Contract", _K.TEXT, "contract_number", can_be_empty=True, is_group=True),
        LineField("purchase_order", "Purchase order", _K.TEXT, "purchase_order", can_be_empty=True),
        LineField("description", "Description", _K.TEXT, "description", can_be_empty=True),
        LineField("row_id", "Invoice row", _K.TEXT, "row_id"),
        LineField("bill_option", "Bill option", _K.SET, "bill_option", values=BillOption, is_facet=True),
        LineField("taxable", "Taxable", _K.FLAG, "taxable"),
        LineField("is_recurring", "Recurring", _K.FLAG, "is_recurring", is_facet=True),
        LineField("sent_at", "Sent", _K.INSTANT, "sent_at", can_be_empty=True),
        LineField("addition_id", "Addition", _K.TEXT, "addition_id", can_be_empty=True),
        LineField(
            "start_provenance",
            "Origin of the start",
            _K.PROVENANCE,
            "start_provenance",
            values=Provenance,
            is_facet=True,
        ),
        LineField(
            "end_provenance", "Origin of the end", _K.PROVENANCE, "end_provenance", values=Provenance, is_facet=True
        ),
        LineField("edited", "Edited by people", _K.EDITS, "id", values=EditableName, is_sortable=False),
    )
}

SORTABLE = tuple(field for field in FIELDS.values() if field.is_sortable)
FACETS = tuple(field for field in FIELDS.values() if field.is_facet)
GROUPS = tuple(field for field in FIELDS.values() if field.is_group)
