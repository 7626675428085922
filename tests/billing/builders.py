"""Builders that show only what matters: an October line of a mapped customer on a monthly agreement."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.billing.rules.book import OrganizationMapping, RateBook, Running
from services.billing.rules.line import Line
from services.billing.rules.model import BillingRules
from services.contracts.facts import AgreementFacts

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


def a_running_addition(**changes: Any) -> Running:
    """The persistent addition of sub-1, driven by September's invoice."""
    values: dict[str, Any] = {
        "invoice_id": "invoice-0",
        "row_id": "row-0",
        "period": "2026-09",
        "effective_date": date(2026, 9, 12),
        "amount": Decimal("30.00"),
    }
    return Running(**values | changes)
