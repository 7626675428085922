"""Charges and additions made by hand on one monthly agreement, for the comparison of the two."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import AgreementFacts, FirstCharge
from services.sync.by_hand.compare import HandCharge, HandDecision, HandMade
from services.sync.psas.addition import Addition, AdditionValues


def an_agreement(next_invoice: date | None, *, is_prorated: bool = False) -> AgreementTerms:
    facts = AgreementFacts(
        agreement_id="11",
        name="Cloud",
        company_id="1",
        type_id="1",
        type_name="Cloud",
        status="Active",
        currency="EUR",
        billing_cycle="Monthly",
        invoicing_cycle="CalendarYear",
        billing_start=date(2026, 1, 1),
        next_invoice_date=next_invoice,
        end_date=None,
        is_prorated=is_prorated,
    )
    return AgreementTerms(facts, UNDESCRIBED)


def a_charge(quantity: int = 10, price: str = "3.00", line_id: UUID | None = None, **changes: Any) -> HandCharge:
    """A charge for February 2026."""
    amount = quantity * Decimal(price)
    first = FirstCharge(
        agreement_id="11",
        agreement="Cloud",
        product_id=changes.pop("product_id", "5"),
        product="Seat",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        amount=amount,
        bills_from=date(2026, 2, 1),
        bills_through=date(2026, 2, 28),
        description=changes.pop("description", ""),
        invoice_number="INV-1",
        offer="Seats",
    )
    values = {"subscription_id": "s-1", "subscription": "Seats", "currency": "EUR", "marker": "TO-A", **changes}
    return HandCharge(line_id or uuid4(), first=first, **values)


def made_by_hand(addition_id: str = "70", quantity: int = 10, price: str = "3.00", **changes: Any) -> Addition:
    """An open addition since January 2026."""
    values: dict[str, Any] = {
        "product_id": "5",
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "bill_option": "Billable",
        "taxable": True,
        "effective_date": date(2026, 1, 1),
        "cancelled_date": None,
        "serial_number": "",
        "invoice_description": "",
        **changes,
    }
    return Addition(addition_id, "11", AdditionValues(**values))


def on_agreement(
    *additions: Addition, next_invoice: date | None = None, decisions: tuple[HandDecision, ...] = ()
) -> HandMade:
    """February is invoiced where nothing else is said."""
    return HandMade(additions, an_agreement(next_invoice or date(2026, 3, 1)), decisions)
