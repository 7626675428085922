"""Claims, additions without a charge, and agreements, with only what a test is about spelt out."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import AgreementFacts
from services.sync.additions.values import wanted_values
from services.sync.receipts import reasons
from services.sync.receipts.reasons import Subject
from services.sync.receipts.schemas import Difference
from services.sync.receipts.will_bill import Claim, Grounds, Unclaimed, WillBill, forecast_bills
from tests.billing.builders import an_agreement
from tests.sync.plans.builders import desire, held

PERIOD = "2026-06"
JUNE, END_OF_JUNE = date(2026, 6, 1), date(2026, 6, 30)
HOME = {"bills_from": JUNE, "bills_through": END_OF_JUNE}


def claim(marker: str = "TO-A", holds: dict[str, Any] | None = None, **changes: Any) -> Claim:
    """5 seats at 10.00 of June, held as wanted but for `holds`."""
    outcome = {name: changes.pop(name) for name in ("before", "is_listed") if name in changes}
    desired = desire(marker, **{**HOME, **changes})
    values = None if desired.is_frozen else wanted_values(desired).model_copy(update=holds or {})
    return Claim(desired, "70", values, **outcome)


def unclaimed(**changes: Any) -> Unclaimed:
    """3 seats at 10.00, open since March and charged through May."""
    names: dict[str, Any] = {
        name: changes.pop(name) for name in ("organization", "organization_id", "currency") if name in changes
    }
    about: dict[str, Any] = {name: changes.pop(name) for name in set(Unclaimed.__dataclass_fields__) & changes.keys()}
    addition = held("80", **{"quantity": Decimal(3), "serial_number": "TO-OLD", **changes})
    subject: dict[str, Any] = {
        "organization_id": "org-1",
        "organization": "Contoso",
        "agreement": "Cloud",
        "agreement_id": addition.agreement_id,
        "addition_id": addition.id,
        "subscription": "Seats",
        "currency": "EUR",
        **names,
    }
    fields: dict[str, Any] = {
        "is_recurring": True,
        "charged_from": date(2026, 5, 1),
        "charged_through": date(2026, 5, 31),
        "standing": reasons.EXCLUDED,
        **about,
    }
    return Unclaimed(addition, Subject(**subject), **fields)


def agreement(**changes: Any) -> AgreementFacts:
    """Monthly, invoiced through May, not prorating."""
    return an_agreement(
        **{
            "agreement_id": "11",
            "name": "Cloud",
            "billing_start": date(2025, 1, 1),
            "next_invoice_date": JUNE,
            "is_prorated": False,
            **changes,
        }
    )


def forecast(
    claims: Sequence[Claim] = (),
    unclaimed: Sequence[Unclaimed] = (),
    *agreements: AgreementFacts,
    period: str = PERIOD,
    unlisted_from: date | None = None,
) -> WillBill:
    facts = {each.agreement_id: each for each in agreements or (agreement(),)}
    return forecast_bills(Grounds(period, claims, unclaimed, facts, UNDESCRIBED, unlisted_from))


def only(found: WillBill) -> Difference:
    (difference,) = found.differences
    return difference
