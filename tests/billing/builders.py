"""Builders that show only what matters: an October line of a mapped customer on a monthly agreement."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.billing.rules.book import OrganizationMapping, RateBook
from services.billing.rules.line import Line, TrueUp
from services.billing.rules.model import BillingRules
from services.billing.rules.persistent import PersistentAddition
from services.contracts.events.sync import MirrorRefreshed, RowsLoaded
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import AgreementFacts, InvoiceFacts, MirrorRecord, PsaTraits, RowFacts, VanishedRow
from services.contracts.vocabulary import MirrorKind

MAPPED = OrganizationMapping(is_excluded=False, company_id="company-1")


def a_line(**changes: Any) -> Line:
    """A cycle fee of 10 × 3.00 USD for 12 October to 11 November 2026."""
    values: dict[str, Any] = {
        "invoice_id": "invoice-1",
        "row_id": "row-1",
        "invoice_number": "1001",
        "invoice_date": date(2026, 10, 15),
        "period": "2026-10",
        "currency": "USD",
        "is_sendable": True,
        "organization_id": "org-1",
        "organization_name": "Alpine",
        "offer_id": "offer-1",
        "offer_name": "Microsoft 365 Business",
        "subscription_id": "sub-1",
        "subscription_name": "M365 Alpine",
        "charge_type": "CycleFee",
        "charge_start": date(2026, 10, 12),
        "charge_end": date(2026, 11, 11),
        "quantity": Decimal(10),
        "unit_price": Decimal("3.00"),
        "total": Decimal("30.00"),
    }
    return Line(**values | changes)


def an_invoiced_line(**changes: Any) -> Line:
    """A usage fee of 100.00 for 12 October to 11 November, sent to agreement-1; its period October is invoiced."""
    values: dict[str, Any] = {
        "charge_type": "UsageFee",
        "quantity": Decimal(1),
        "unit_price": Decimal("100.00"),
        "total": Decimal("100.00"),
        "sent_fingerprint": "as-sent",
        "sent_marker": "TO-SENT",
        "sent_recurring": False,
        "sent_amount": Decimal("100.00"),
        "sent_agreement_id": "agreement-1",
        "sent_from": date(2026, 10, 1),
        "sent_through": date(2026, 10, 31),
        "sent_start": date(2026, 10, 12),
        "sent_end": date(2026, 10, 31),
    }
    return a_line(**values | changes)


def a_true_up(amount: str, number: int = 1, **changes: Any) -> TrueUp:
    """A true-up that was sent for November."""
    values: dict[str, Any] = {
        "number": number,
        "marker": f"TO-TRUE-UP-{number}",
        "agreement_id": "agreement-1",
        "amount": Decimal(amount),
        "bills_from": date(2026, 11, 1),
        "bills_through": date(2026, 11, 30),
    }
    return TrueUp(**values | changes)


def an_agreement(agreement_id: str = "agreement-1", **changes: Any) -> AgreementFacts:
    """An active monthly calendar agreement in USD, without proration, billing since January 2026."""
    values: dict[str, Any] = {
        "agreement_id": agreement_id,
        "name": f"Name of {agreement_id}",
        "company_id": "company-1",
        "type_id": "type-1",
        "type_name": "Cloud",
        "status": "Active",
        "currency": "USD",
        "billing_cycle": "Monthly",
        "invoicing_cycle": "CalendarYear",
        "billing_start": date(2026, 1, 1),
        "next_invoice_date": date(2026, 10, 1),
        "end_date": None,
        "is_prorated": False,
    }
    return AgreementFacts(**values | changes)


def a_book(*agreements: AgreementFacts, **changes: Any) -> RateBook:
    """Everything mapped; the agreements given, or a plain one."""
    values: dict[str, Any] = {
        "organizations": {"org-1": MAPPED},
        "products": {"offer-1": "product-1"},
        "agreements": agreements or (an_agreement(),),
    }
    return RateBook(**values | changes)


def some_rules(**rules: Any) -> BillingRules:
    return BillingRules.model_validate(rules)


def a_psa(**changes: Any) -> PsaTraits:
    """A PSA named Ledgerly, otherwise like one that nobody has described yet."""
    return UNDESCRIBED.model_copy(update={"label": "Ledgerly"} | changes)


def a_running_addition(**changes: Any) -> PersistentAddition:
    """The persistent addition of sub-1, driven by September's invoice."""
    values: dict[str, Any] = {
        "invoice_id": "invoice-0",
        "row_id": "row-0",
        "period": "2026-09",
        "effective_date": date(2026, 9, 12),
        "amount": Decimal("30.00"),
        "begun_by": "invoice-0/row-0",
    }
    return PersistentAddition(**values | changes)


RUN = UUID(int=99)


def an_invoice(invoice_id: str = "invoice-1", **changes: Any) -> InvoiceFacts:
    """A verified October invoice in USD."""
    values: dict[str, Any] = {
        "invoice_id": invoice_id,
        "number": "1001",
        "invoice_date": date(2026, 10, 15),
        "period": "2026-10",
        "currency": "USD",
        "status": "Verified",
        "is_sendable": True,
    }
    return InvoiceFacts(**values | changes)


def a_row(row_id: str = "row-1", **changes: Any) -> RowFacts:
    """A cycle fee of 10 × 3.00 for 12 October to 11 November 2026, of a subscription named after the row."""
    values: dict[str, Any] = {
        "invoice_id": "invoice-1",
        "row_id": row_id,
        "organization_id": "org-1",
        "organization_name": "Alpine",
        "offer_id": "offer-1",
        "offer_name": "Microsoft 365 Business",
        "subscription_id": f"sub-{row_id}",
        "subscription_name": "M365 Alpine",
        "charge_type": "CycleFee",
        "charge_start": date(2026, 10, 12),
        "charge_end": date(2026, 11, 11),
        "quantity": Decimal(10),
        "unit_price": Decimal("3.00"),
        "total": Decimal("30.00"),
    }
    return RowFacts(**values | changes)


def rows_loaded(*rows: RowFacts, invoice: InvoiceFacts | None = None, vanished: Sequence[str] = ()) -> RowsLoaded:
    """A part of a load; `vanished` are row ids of invoice-1."""
    return RowsLoaded(
        run_id=RUN,
        part=0,
        period=(invoice or an_invoice()).period,
        invoices=[invoice or an_invoice()],
        rows=list(rows),
        vanished=[VanishedRow(invoice_id="invoice-1", row_id=row_id) for row_id in vanished],
    )


def mirror(kind: MirrorKind, *records: MirrorRecord, part: int = 0) -> MirrorRefreshed:
    return MirrorRefreshed(run_id=RUN, kind=kind, part=part, records=list(records))


def a_record(external_id: str, name: str, **changes: Any) -> MirrorRecord:
    return MirrorRecord(external_id=external_id, name=name, **changes)


def agreements(*facts: AgreementFacts) -> MirrorRefreshed:
    """A mirror of agreements, or of a plain one."""
    records = [
        a_record(each.agreement_id, each.name, parent_id=each.company_id, agreement=each)
        for each in facts or (an_agreement(),)
    ]
    return mirror(MirrorKind.AGREEMENT, *records)


def both_sides() -> list[MirrorRefreshed]:
    """One customer and one product on either side, under the same names, and a plain agreement."""
    return [
        mirror(MirrorKind.COMPANY, a_record("company-1", "Alpine", identifier="ALP")),
        mirror(MirrorKind.CATALOG_ITEM, a_record("product-1", "Microsoft 365 Business", identifier="M365-BP")),
        mirror(MirrorKind.ORGANIZATION, a_record("org-1", "Alpine", currency="USD")),
        mirror(MirrorKind.OFFER, a_record("offer-1", "Microsoft 365 Business")),
        agreements(),
    ]
