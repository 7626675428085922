"""ConnectWise's records as mapping needs them: companies, catalog items, agreement types, agreements."""

from collections.abc import Mapping
from datetime import date

from services.contracts.money import as_text
from services.contracts.shapes import AgreementFacts, MirrorRecord
from services.sync.psas.connectwise import wire
from services.sync.psas.connectwise.wire import Wire
from services.sync.unreadable import WrongShape

UNREADABLE = "Unreadable"
"""Status of an agreement whose next invoice date cannot be read."""


def read_company(item: Wire) -> MirrorRecord:
    kinds = item.get("types") or []
    types = [wire.text(kind, "name") for kind in kinds if isinstance(kind, dict)]
    return MirrorRecord(
        external_id=wire.record_id(item),
        name=wire.text(item, "name"),
        is_active=not wire.flag(item, "deletedFlag"),
        currency=wire.currency(item),
        identifier=wire.text(item, "identifier"),
        attributes={"status": wire.text(wire.reference(item, "status"), "name"), "types": [*types]},
    )


def read_catalog_item(item: Wire) -> MirrorRecord:
    """`product_class` Bundle cannot become an addition."""
    price, cost = wire.number(item, "price"), wire.number(item, "cost")
    return MirrorRecord(
        external_id=wire.record_id(item),
        name=wire.text(item, "description"),
        is_active=not wire.flag(item, "inactiveFlag"),
        identifier=wire.text(item, "identifier"),
        attributes={
            "price": None if price is None else as_text(price),
            "cost": None if cost is None else as_text(cost),
            "product_class": wire.text(item, "productClass") or "NonInventory",
            "taxable": wire.flag(item, "taxableFlag"),
        },
    )


def read_agreement_type(item: Wire) -> MirrorRecord:
    return MirrorRecord(
        external_id=wire.record_id(item),
        name=wire.text(item, "name"),
        is_active=not wire.flag(item, "inactiveFlag"),
        attributes={"is_prorated": wire.flag(item, "prorateFlag")},
    )


def read_agreement(item: Wire, cycles: Mapping[str, str]) -> MirrorRecord:
    """`cycles`: billing cycle id → its billing option; a name alone is free text of the tenant."""
    next_invoice_date, trouble = _next_invoice_date(item)
    facts = _read_facts(item, cycles, next_invoice_date)
    if trouble:
        # Which periods are invoiced decides about money, so such an agreement takes no additions.
        facts = facts.model_copy(update={"status": UNREADABLE})
    return MirrorRecord(
        external_id=facts.agreement_id,
        name=facts.name,
        is_active=facts.status == "Active",
        parent_id=facts.company_id or None,
        currency=facts.currency,
        attributes={"trouble": trouble} if trouble else {},
        agreement=facts,
    )


def _next_invoice_date(item: Wire) -> tuple[date | None, str]:
    """The day, and why it cannot be read. ConnectWise declares it as any text."""
    try:
        return wire.day(item, "nextInvoiceDate"), ""
    except WrongShape as fault:
        return None, f"agreement {wire.text(item, 'name')} takes no additions: {fault}"


def read_billing_cycle(item: Wire) -> tuple[str, str]:
    return wire.record_id(item), wire.text(item, "billingOptions")


def _read_facts(item: Wire, cycles: Mapping[str, str], next_invoice_date: date | None) -> AgreementFacts:
    kind, cycle = wire.reference(item, "type"), wire.reference(item, "billingCycle")
    billing_start = wire.day(item, "billStartDate") or wire.day(item, "startDate")
    if billing_start is None:
        raise WrongShape("the agreement has neither billStartDate nor startDate")
    return AgreementFacts(
        agreement_id=wire.record_id(item),
        name=wire.text(item, "name"),
        company_id=wire.text(wire.reference(item, "company"), "id"),
        type_id=wire.text(kind, "id"),
        type_name=wire.text(kind, "name"),
        status=_agreement_status(item),
        currency=wire.currency(item),
        billing_cycle=cycles.get(wire.text(cycle, "id")) or wire.text(cycle, "name").replace("-", "").replace(" ", ""),
        invoicing_cycle=wire.text(item, "invoicingCycle") or "CalendarYear",
        billing_start=billing_start,
        next_invoice_date=next_invoice_date,
        end_date=_agreement_end(item),
        is_prorated=wire.flag(item, "prorateFlag"),
        has_parent=bool(wire.text(wire.reference(item, "parentAgreement"), "id")),
    )


def _agreement_status(item: Wire) -> str:
    if wire.flag(item, "cancelledFlag"):
        return "Cancelled"
    return wire.text(item, "agreementStatus") or "Inactive"


def _agreement_end(item: Wire) -> date | None:
    if wire.flag(item, "cancelledFlag") and (cancelled := wire.day(item, "dateCancelled")):
        return cancelled
    return None if wire.flag(item, "noEndingDateFlag") else wire.day(item, "endDate")
