"""What the rules screen reads and writes."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from services.billing.rules.model import BillingRules
from services.billing.rules.reversed_dates import refuse_reversed_dates
from services.contracts.periods import Period
from services.contracts.shapes import Tally


class RulesVersion(BaseModel):
    """The rules in force. Version 0 is the defaults that nobody has saved yet."""

    version: int
    rules: BillingRules
    saved_by: str | None
    saved_at: AwareDatetime | None
    warnings: list[str] = Field(default_factory=list, description="What is worth a second look")


class FirstPeriodEffect(BaseModel):
    """What a first period does to lines that were loaded already. Lines that were sent stay as they are."""

    first_period: Period | None
    becomes_billed_before: Tally = Field(description="Not sent yet, and never sent from then on")
    becomes_sendable: Tally = Field(description="Billed before go-live until now: where nobody did, bill them")
    stays_sent: Tally = Field(description="Sent already, and not affected")


class RulesChange(BaseModel):
    """New rules, whole. `version` is the one they were edited from."""

    version: int
    moves_first_period_earlier: bool = Field(
        default=False, description="Say so where lines billed before go-live become sendable"
    )
    rules: Annotated[BillingRules, AfterValidator(refuse_reversed_dates)]
