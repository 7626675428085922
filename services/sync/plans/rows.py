"""Operations, expected additions and ground as they are stored. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.contracts.shapes import DesiredAddition
from services.kit.base.ids import new_id
from services.sync.additions.written import Written
from services.sync.plans.basis import Basis
from services.sync.plans.ground import fingerprint, remember
from services.sync.plans.operation import PlannedOperation, Question
from services.sync.plans.schemas import ExpectedAddition, OperationStatus
from services.sync.psas.addition import Addition


def operation_row(place: int, each: PlannedOperation, known: Mapping[str, Written]) -> dict[str, Any]:
    desired, written = each.desired, known.get(each.marker)
    names = _names_of(desired) if desired else (dict(written.names) if written else {})
    currency = desired.currency if desired else (written.currency if written else "")
    held = each.before.total(currency) if each.before else Decimal(0)
    return {
        "id": new_id(),
        "position": place,
        "kind": each.kind.value,
        "status": (OperationStatus.FAILED if each.error else OperationStatus.PLANNED).value,
        "organization": names.get("organization", ""),
        "organization_id": desired.organization_id if desired else (written.organization_id if written else ""),
        "company": names.get("company", ""),
        "agreement": names.get("agreement", ""),
        "product": names.get("product", ""),
        "subscription": names.get("subscription", ""),
        "agreement_id": each.agreement_id,
        "addition_id": each.addition_id,
        "marker": each.marker,
        "line_id": desired.line_id if desired else None,
        "currency": currency,
        "amount": desired.amount if desired else held,
        "desired": desired.model_dump(mode="json") if desired else None,
        "before": each.before.as_json() if each.before else None,
        "after": each.after.as_json() if each.after else None,
        "will_bill": each.will_bill,
        **_question_columns(each.question),
        "explanation": each.explanation,
        "warnings": each.warnings,
        "error": each.error,
    }


def _names_of(desired: DesiredAddition) -> dict[str, str]:
    return desired.model_dump(include={"organization", "company", "agreement", "product", "subscription"})


def ground_row(agreement_id: str, found: Sequence[Addition], basis: Basis) -> dict[str, Any]:
    record = basis.agreements.get(agreement_id)
    return {
        "agreement_id": agreement_id,
        "agreement": record.name if record else agreement_id,
        "fingerprint": fingerprint(found),
        "additions": remember(found),
        "version": basis.versions.get(agreement_id, ""),
        "agreement_facts": record.agreement.model_dump(mode="json") if record and record.agreement else None,
    }


def _question_columns(question: Question | None) -> dict[str, Any]:
    chosen = question.chosen if question else None
    return {
        "cause": question.cause.value if question else None,
        "ending": question.ending.as_json() if question else None,
        "choice": chosen.choice.value if chosen else None,
        "choice_reason": chosen.reason if chosen else "",
        "keep_until": chosen.until if chosen else None,
        "decided_by": chosen.decided_by if chosen else "",
    }


def expected_row(expected: ExpectedAddition) -> dict[str, Any]:
    return {"marker": expected.marker, "addition": expected.model_dump(mode="json")}
