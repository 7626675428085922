"""Where each editable field of a line comes from: what was charged, what the rules say, what a person decided. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.billing.lines.decisions.comparing import spell
from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.decisions.schemas import FieldOrigin
from services.billing.lines.stored import StoredLine
from services.billing.rules.book import RateBook
from services.billing.rules.editable import EDITABLE
from services.billing.rules.frozen import is_invoiced, price_in_force
from services.billing.rules.rate import rate
from services.contracts.vocabulary import Provenance

CHARGED = "as it was charged"
OF_THE_TYPE = "the rules for {charge_type}"
TEMPLATE = "the description template of the rules"
MAPPED = "what {offer} is mapped to"
UNMAPPED = "{offer} is not mapped to a product yet"
INCLUDED = "nobody has excluded it"
REFUSED = (
    "{psa} has invoiced this line: {label} stays as it was sent. Quantity and unit price can be changed, "
    "and the difference goes out as a true-up."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """The value in force, what the rules say, and what was charged; None where there is none."""

    value: Any
    system: Any
    explanation: str
    source: Any = None
    provenance: Provenance = Provenance.SYSTEM
    """Of what holds where no person decides."""


def find_origins(stored: StoredLine, decided: Mapping[str, DecisionRow], book: RateBook) -> list[FieldOrigin]:
    """Every editable field of a line with its origin.

    Args:
        decided: field → the decision in force, of the fields that a person has decided.
    """
    ruled = replace(stored, decisions={}, rated=rate(stored.line, book))
    found = {**_find_dates(stored, ruled), **_find_money(stored, ruled, book), **_find_others(stored, ruled, book)}
    is_frozen = is_invoiced(stored.line, book)
    return [_describe(name, found[name], decided.get(name), book, is_frozen=is_frozen) for name in EDITABLE]


def _find_dates(stored: StoredLine, ruled: StoredLine) -> dict[str, _Found]:
    return {
        f"charge_{which}_date": _Found(
            value=now.value,
            system=by_rules.value,
            explanation=by_rules.explanation,
            source=by_rules.source,
            provenance=by_rules.provenance,
        )
        for which, now, by_rules in (
            ("start", stored.rated.start, ruled.rated.start),
            ("end", stored.rated.end, ruled.rated.end),
        )
    }


def _find_money(stored: StoredLine, ruled: StoredLine, book: RateBook) -> dict[str, _Found]:
    now, by_rules = price_in_force(stored.effective, book), price_in_force(ruled.line, book)
    words = "; ".join(by_rules.words) or CHARGED
    pairs = {
        "quantity": (now.quantity, by_rules.quantity, stored.line.quantity),
        "unit_price": (now.unit_price, by_rules.unit_price, stored.line.unit_price),
    }
    return {
        name: _Found(
            value=value,
            system=system,
            explanation=CHARGED if system == source else words,
            source=source,
            provenance=Provenance.SOURCE if system == source else Provenance.SYSTEM,
        )
        for name, (value, system, source) in pairs.items()
    }


def _find_others(stored: StoredLine, ruled: StoredLine, book: RateBook) -> dict[str, _Found]:
    rated, by_rules, line = stored.rated, ruled.rated, stored.line
    of_type = OF_THE_TYPE.format(charge_type=book.policy_of(line).display_name or line.charge_type)
    mapping = (MAPPED if by_rules.product_id else UNMAPPED).format(offer=line.offer_name)
    agreement = book.resolve_agreement(line).explanation
    return {
        "description": _Found(rated.description, by_rules.description, TEMPLATE),
        "bill_option": _Found(rated.bill_option, by_rules.bill_option, of_type),
        "taxable": _Found(rated.taxable, by_rules.taxable, of_type),
        "product_id": _Found(rated.product_id, by_rules.product_id, mapping),
        "agreement_id": _Found(rated.agreement_id, by_rules.agreement_id, agreement),
        "excluded": _Found(stored.effective.is_excluded, system=False, explanation=INCLUDED),
    }


def _describe(
    name: str, found: _Found, decision: DecisionRow | None, book: RateBook, *, is_frozen: bool
) -> FieldOrigin:
    field = EDITABLE[name]
    is_refused = is_frozen and not field.after_invoicing
    return FieldOrigin(
        field=name,
        label=field.label,
        editor=field.editor,
        provenance=Provenance.USER if decision else found.provenance,
        value=spell(found.value),
        source=spell(found.source),
        system=spell(found.system),
        user=decision.value if decision else None,
        explanation=found.explanation,
        edit_id=decision.edit_id if decision else None,
        decided_by=decision.actor if decision else None,
        decided_at=decision.decided_at if decision else None,
        reason=decision.reason if decision else "",
        why_not=REFUSED.format(psa=book.psa.label, label=field.label.lower()) if is_refused else "",
    )
