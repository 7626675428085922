"""The life of an addition as people and programs see it."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.contracts.money import Amount


class LifeKind(StrEnum):
    """What an addition is to the line."""

    SEGMENT = "segment"  # of the persistent addition of a subscription
    ONE_TIME = "one_time"
    TRUE_UP = "true_up"


class LifeState(StrEnum):
    """Whether an addition bills on, as last read."""

    OPEN = "open"
    ENDED = "ended"
    GONE = "gone"  # the PSA no longer has it


class LifeCharge(BaseModel):
    """A line that was sent on an addition, and how much of it."""

    line_id: UUID
    invoice_id: str
    invoice_number: str = Field(description="Empty where no load kept the invoice")
    amount: Amount


class LifePeriod(BaseModel):
    """One billing period of the agreement, for one addition."""

    starts_on: date
    ends_on: date
    is_current: bool = Field(description="Holds today")
    is_invoiced: bool = Field(description="As far as the agreement's next invoice date says")
    amount: Amount | None = Field(description="Billed, or expected where it is not invoiced; null where nobody knows")
    charges: list[LifeCharge]
    charged: Amount | None = Field(description="The charges together; null where none is known")
    difference: Amount | None = Field(description="Amount less charged; null where it cannot be told")
    words: str = Field(description="What there is to say about it; empty where the figures say all")


class LifeAddition(BaseModel):
    """One addition of ours, as last read."""

    addition_id: str
    kind: LifeKind
    segment: int | None = Field(description="Counted from 1; of segments only")
    corrects: str = Field(description="Of a true-up: the addition whose invoiced amount it corrects")
    is_of_line: bool = Field(description="Carries the line that was asked about")
    is_adopted: bool = Field(description="Made by hand before, and taken over")
    state: LifeState
    starts_on: date
    last_billed_day: date | None
    product: str
    quantity: Amount
    unit_price: Amount
    bill_option: str
    periods: list[LifePeriod]
    words: str = Field(description="Why there are no periods; empty where there are")


class LifeOut(BaseModel):
    """Every addition of ours that has carried a line, or carries its subscription on the agreement."""

    agreement_id: str
    agreement: str
    link: str | None = Field(description="Opens the agreement in the PSA; null where its address is not known")
    currency: str
    today: date
    next_invoice_date: date | None = Field(description="First day not invoiced, as last read")
    is_shortened: bool = Field(description="Billing periods of more than two years ago are left out")
    additions: list[LifeAddition]
