"""What was billed beside what was expected, as people and programs see it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, Field

from services.contracts.money import Amount


class BilledState(StrEnum):
    """How a billing period came out."""

    NOT_INVOICED = "not_invoiced"
    AS_EXPECTED = "as_expected"
    DIFFERS = "differs"
    UNCLEAR = "unclear"  # it was invoiced, and nobody can tell which of its money is ours


class ExpectedAddition(BaseModel):
    """An addition of ours that bills in a period, as it was read back."""

    addition_id: str
    product_id: str
    product: str
    subscription: str
    description: str
    quantity: Amount
    unit_price: Amount
    amount: Amount
    caught_up: Amount = Decimal(0)
    """Of `amount`, what the next invoice bills for closed days, on an agreement that prorates."""


class BilledPeriod(BaseModel):
    """One billing period of an agreement: what our additions were expected to bill, and what was invoiced for them."""

    organization: str
    organization_id: str
    agreement: str
    agreement_id: str
    period_start: date
    period_end: date
    currency: str
    expected: Amount
    billed: Amount | None = Field(description="Null until it was invoiced, or where nobody knows")
    difference: Amount | None = Field(description="Billed less expected: positive where the customer was billed more")
    state: BilledState
    cause: str = Field(description="Why they differ, as far as that can be told")
    invoice_numbers: list[str]
    next_step: str
