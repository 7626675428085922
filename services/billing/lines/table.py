"""The columns of a line, defined once: the table, bulk statements and the grid's selection are derived from here.

What people decide is not among them: see `decisions`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from services.contracts.vocabulary import BillOption, ByHand, DropRule, HoldReason, LineStatus, Provenance


class Kind(Enum):
    """A type as PostgreSQL spells it."""

    ID = "uuid"
    INTEGER = "int"
    TEXT = "text"
    DATE = "date"
    YES_NO = "bool"
    NUMBER = "numeric"  # without scale: what the marketplace sent is kept digit by digit
    TEXTS = "text[]"
    INSTANT = "timestamptz"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    name: str
    kind: Kind
    path: str
    """Where a `StoredLine` has its value."""
    shown_as: str | None = None
    """The field under which a window of the grid brings it."""
    is_optional: bool = False
    length: int | None = None
    """Most characters of a text that has a limit."""
    read: Callable[[Any], Any] | None = None
    """Makes the rules' value of the database's."""


def _shown(name: str, kind: Kind, path: str, **more: Any) -> Column:
    return Column(name, kind, path, name, **more)


def _date_columns(which: str) -> tuple[Column, ...]:
    path = f"rated.{which}"
    return (
        Column(f"charge_{which}", Kind.DATE, f"{path}.value", f"charge_{which}_date", is_optional=True),
        _shown(f"{which}_provenance", Kind.TEXT, f"{path}.provenance", length=10, read=Provenance),
        _shown(f"{which}_explanation", Kind.TEXT, f"{path}.explanation"),
        _shown(f"system_{which}", Kind.DATE, f"{path}.system", is_optional=True),
    )


def _read_reasons(reasons: list[str]) -> tuple[HoldReason, ...]:
    return tuple(map(HoldReason, reasons))


def _read_drop_rule(rule: str | None) -> DropRule | None:
    return DropRule(rule) if rule else None


def _read_by_hand(state: str | None) -> ByHand | None:
    return ByHand(state) if state else None


AS_INVOICED = (
    _shown("invoice_id", Kind.TEXT, "line.invoice_id"),
    _shown("row_id", Kind.TEXT, "line.row_id"),
    _shown("invoice_number", Kind.TEXT, "line.invoice_number"),
    _shown("invoice_date", Kind.DATE, "line.invoice_date"),
    _shown("period", Kind.TEXT, "line.period", length=7),
    _shown("currency", Kind.TEXT, "line.currency", length=10),
    Column("is_sendable", Kind.YES_NO, "line.is_sendable"),
    _shown("organization_id", Kind.TEXT, "line.organization_id"),
    Column("organization_name", Kind.TEXT, "line.organization_name", "organization"),
    _shown("offer_id", Kind.TEXT, "line.offer_id"),
    Column("offer_name", Kind.TEXT, "line.offer_name", "offer"),
    _shown("subscription_id", Kind.TEXT, "line.subscription_id"),
    Column("subscription_name", Kind.TEXT, "line.subscription_name", "subscription"),
    Column("source_charge_type", Kind.TEXT, "line.charge_type"),
    _shown("source_start", Kind.DATE, "line.charge_start", is_optional=True),
    _shown("source_end", Kind.DATE, "line.charge_end", is_optional=True),
    _shown("quantity", Kind.NUMBER, "line.quantity"),
    _shown("unit_price", Kind.NUMBER, "line.unit_price"),
    _shown("total", Kind.NUMBER, "line.total"),
    Column("is_custom", Kind.YES_NO, "line.is_custom"),
    Column("is_vanished", Kind.YES_NO, "line.is_vanished"),
    Column("vendor", Kind.TEXT, "line.vendor"),
    Column("contract_number", Kind.TEXT, "line.contract_number"),
    Column("purchase_order", Kind.TEXT, "line.purchase_order"),
)

AS_RATED = (
    Column("rules_version", Kind.INTEGER, "rules_version"),
    Column("drives", Kind.YES_NO, "line.drives"),
    _shown("status", Kind.TEXT, "rated.status", length=20, read=LineStatus),
    _shown("hold_reasons", Kind.TEXTS, "rated.hold_reasons", read=_read_reasons),
    _shown("charge_type", Kind.TEXT, "charge_type"),
    _shown("is_recurring", Kind.YES_NO, "rated.is_recurring"),
    _shown("company_id", Kind.TEXT, "rated.company_id", is_optional=True),
    _shown("agreement_id", Kind.TEXT, "rated.agreement_id", is_optional=True),
    _shown("product_id", Kind.TEXT, "rated.product_id", is_optional=True),
    *_date_columns("start"),
    *_date_columns("end"),
    _shown("addition_quantity", Kind.NUMBER, "rated.quantity", is_optional=True),
    _shown("addition_unit_price", Kind.NUMBER, "rated.unit_price", is_optional=True),
    _shown("amount", Kind.NUMBER, "rated.amount", is_optional=True),
    _shown("unit_cost", Kind.NUMBER, "rated.unit_cost", is_optional=True),
    Column("price_terms", Kind.TEXT, "rated.price_terms", is_optional=True),
    _shown("remainder", Kind.NUMBER, "rated.remainder"),
    _shown("is_gathered", Kind.YES_NO, "rated.is_gathered"),
    _shown("description", Kind.TEXT, "rated.description"),
    _shown("bill_option", Kind.TEXT, "rated.bill_option", length=20, read=BillOption),
    _shown("taxable", Kind.YES_NO, "rated.taxable"),
    _shown("forecast", Kind.NUMBER, "rated.forecast", is_optional=True),
    _shown("explanation", Kind.TEXTS, "rated.explanation", read=tuple),
    _shown("warnings", Kind.TEXTS, "rated.warnings", read=tuple),
    Column("fingerprint", Kind.TEXT, "rated.fingerprint", is_optional=True, length=40),
    _shown("dropped_by", Kind.TEXT, "rated.dropped_by", is_optional=True, length=30, read=_read_drop_rule),
)

AS_SENT = (
    _shown("push_error", Kind.TEXT, "push_error"),
    Column("sent_fingerprint", Kind.TEXT, "line.sent_fingerprint", is_optional=True, length=40),
    Column("sent_marker", Kind.TEXT, "line.sent_marker", is_optional=True, length=50),
    Column("sent_recurring", Kind.YES_NO, "line.sent_recurring", is_optional=True),
    Column("sent_gathered", Kind.YES_NO, "line.sent_gathered"),
    _shown("sent_amount", Kind.NUMBER, "line.sent_amount", is_optional=True),
    _shown("sent_agreement_id", Kind.TEXT, "line.sent_agreement_id", is_optional=True),
    _shown("sent_from", Kind.DATE, "line.sent_from", is_optional=True),
    Column("sent_through", Kind.DATE, "line.sent_through", is_optional=True),
    Column("sent_start", Kind.DATE, "line.sent_start", is_optional=True),
    Column("sent_end", Kind.DATE, "line.sent_end", is_optional=True),
    Column("by_hand", Kind.TEXT, "line.by_hand", is_optional=True, length=10, read=_read_by_hand),
    Column("by_hand_charged", Kind.NUMBER, "line.by_hand_charged", is_optional=True),
    Column("by_hand_words", Kind.TEXT, "line.by_hand_words", is_optional=True),
    Column("sent_price_terms", Kind.TEXT, "line.sent_price_terms", is_optional=True),
    _shown("sent_at", Kind.INSTANT, "sent_at", is_optional=True),
    _shown("addition_id", Kind.TEXT, "addition_id", is_optional=True),
)

COLUMNS = (
    _shown("id", Kind.ID, "id"),
    _shown("version", Kind.INTEGER, "version"),
    *AS_INVOICED,
    *AS_RATED,
    *AS_SENT,
)
