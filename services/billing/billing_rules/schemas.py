"""What the rules screen reads and writes."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from services.billing.rules.model import BillingRules
from services.billing.rules.reversed_dates import refuse_reversed_dates


class RulesVersion(BaseModel):
    """The rules in force. Version 0 is the defaults that nobody has saved yet."""

    version: int
    rules: BillingRules
    saved_by: str | None
    saved_at: AwareDatetime | None
    warnings: list[str] = Field(default_factory=list, description="What is worth a second look")


class RulesChange(BaseModel):
    """New rules, whole. `version` is the one they were edited from."""

    version: int
    rules: Annotated[BillingRules, AfterValidator(refuse_reversed_dates)]
