"""A line between the database and the rules: `StoredLine`, and the columns it is read from and written to.

`to_record` gives values in the order of COLUMNS, which also says how PostgreSQL reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.billing.rules.charge_types import parse_charge_type
from services.billing.rules.desired import PlannedLine
from services.billing.rules.line import DateValue, Line, Rated
from services.contracts.vocabulary import BillOption, HoldReason, LineStatus, Provenance

COLUMNS: dict[str, str] = {
    "id": "uuid",
    "version": "int",
    "invoice_id": "text",
    "row_id": "text",
    "invoice_number": "text",
    "invoice_date": "date",
    "period": "text",
    "currency": "text",
    "is_sendable": "bool",
    "organization_id": "text",
    "organization_name": "text",
    "offer_id": "text",
    "offer_name": "text",
    "subscription_id": "text",
    "subscription_name": "text",
    "source_charge_type": "text",
    "source_start": "date",
    "source_end": "date",
    "quantity": "numeric",
    "unit_price": "numeric",
    "total": "numeric",
    "is_custom": "bool",
    "is_vanished": "bool",
    "is_excluded": "bool",
    "user_start": "date",
    "user_end": "date",
    "user_agreement_id": "text",
    "rules_version": "int",
    "drives": "bool",
    "status": "text",
    "hold_reasons": "text[]",
    "charge_type": "text",
    "is_recurring": "bool",
    "company_id": "text",
    "agreement_id": "text",
    "product_id": "text",
    "charge_start": "date",
    "start_provenance": "text",
    "start_explanation": "text",
    "system_start": "date",
    "charge_end": "date",
    "end_provenance": "text",
    "end_explanation": "text",
    "system_end": "date",
    "addition_quantity": "numeric",
    "addition_unit_price": "numeric",
    "description": "text",
    "bill_option": "text",
    "taxable": "bool",
    "forecast": "numeric",
    "explanation": "text[]",
    "warnings": "text[]",
    "fingerprint": "text",
    "push_error": "text",
    "sent_fingerprint": "text",
    "sent_at": "timestamptz",
    "addition_id": "text",
}


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as it is kept. `version` grows with every change."""

    id: UUID
    version: int
    rules_version: int
    line: Line
    rated: Rated
    push_error: str = ""
    sent_at: datetime | None = None
    addition_id: str | None = None

    @property
    def is_sent(self) -> bool:
        return self.rated.status is LineStatus.SENT

    def plan(self) -> PlannedLine:
        return PlannedLine(self.id, self.version, self.rules_version, self.line, self.rated)

    def changed(self, line: Line, rated: Rated, rules_version: int) -> "StoredLine":
        """The next version, or this one when nothing differs. A failed push is forgotten unless the line says it."""
        push_error = self.push_error if line.push_failed else ""
        after = replace(self, line=line, rated=rated, rules_version=rules_version, push_error=push_error)
        return self if after == self else replace(after, version=self.version + 1)


def to_record(stored: StoredLine) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    line, rated = stored.line, stored.rated
    start, end = rated.start, rated.end
    return (
        stored.id,
        stored.version,
        line.invoice_id,
        line.row_id,
        line.invoice_number,
        line.invoice_date,
        line.period,
        line.currency,
        line.is_sendable,
        line.organization_id,
        line.organization_name,
        line.offer_id,
        line.offer_name,
        line.subscription_id,
        line.subscription_name,
        line.charge_type,
        line.charge_start,
        line.charge_end,
        line.quantity,
        line.unit_price,
        line.total,
        line.is_custom,
        line.is_vanished,
        line.is_excluded,
        line.user_start,
        line.user_end,
        line.user_agreement_id,
        stored.rules_version,
        line.drives,
        rated.status,
        rated.hold_reasons,
        rated.charge_type or line.charge_type,
        rated.is_recurring,
        rated.company_id,
        rated.agreement_id,
        rated.product_id,
        start.value,
        start.provenance,
        start.explanation,
        start.system,
        end.value,
        end.provenance,
        end.explanation,
        end.system,
        rated.quantity,
        rated.unit_price,
        rated.description,
        rated.bill_option,
        rated.taxable,
        rated.forecast,
        rated.explanation,
        rated.warnings,
        rated.fingerprint,
        stored.push_error,
        line.sent_fingerprint,
        stored.sent_at,
        stored.addition_id,
    )


def from_record(record: Mapping[str, Any]) -> StoredLine:
    """What `to_record` wrote."""
    return StoredLine(
        id=record["id"],
        version=record["version"],
        rules_version=record["rules_version"],
        line=_line(record),
        rated=_rated(record),
        push_error=record["push_error"],
        sent_at=record["sent_at"],
        addition_id=record["addition_id"],
    )


def _line(record: Mapping[str, Any]) -> Line:
    return Line(
        invoice_id=record["invoice_id"],
        row_id=record["row_id"],
        invoice_number=record["invoice_number"],
        invoice_date=record["invoice_date"],
        period=record["period"],
        currency=record["currency"],
        is_sendable=record["is_sendable"],
        organization_id=record["organization_id"],
        organization_name=record["organization_name"],
        offer_id=record["offer_id"],
        offer_name=record["offer_name"],
        subscription_id=record["subscription_id"],
        subscription_name=record["subscription_name"],
        charge_type=record["source_charge_type"],
        charge_start=record["source_start"],
        charge_end=record["source_end"],
        quantity=record["quantity"],
        unit_price=record["unit_price"],
        total=record["total"],
        is_custom=record["is_custom"],
        is_vanished=record["is_vanished"],
        is_excluded=record["is_excluded"],
        user_start=record["user_start"],
        user_end=record["user_end"],
        user_agreement_id=record["user_agreement_id"],
        drives=record["drives"],
        push_failed=bool(record["push_error"]),
        sent_fingerprint=record["sent_fingerprint"],
    )


def _rated(record: Mapping[str, Any]) -> Rated:
    return Rated(
        status=LineStatus(record["status"]),
        hold_reasons=tuple(map(HoldReason, record["hold_reasons"])),
        charge_type=parse_charge_type(record["source_charge_type"]),
        is_recurring=record["is_recurring"],
        company_id=record["company_id"],
        agreement_id=record["agreement_id"],
        product_id=record["product_id"],
        start=_date(record, "start"),
        end=_date(record, "end"),
        quantity=record["addition_quantity"],
        unit_price=record["addition_unit_price"],
        description=record["description"],
        bill_option=BillOption(record["bill_option"]),
        taxable=record["taxable"],
        forecast=record["forecast"],
        explanation=tuple(record["explanation"]),
        warnings=tuple(record["warnings"]),
        fingerprint=record["fingerprint"],
    )


def _date(record: Mapping[str, Any], which: str) -> DateValue:
    return DateValue(
        value=record[f"charge_{which}"],
        provenance=Provenance(record[f"{which}_provenance"]),
        explanation=record[f"{which}_explanation"],
        source=record[f"source_{which}"],
        system=record[f"system_{which}"],
        user=record[f"user_{which}"],
    )
