"""What the rules screen reads and writes."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel

from services.billing.rules.model import BillingRules
from services.billing.rules.reversed_dates import refuse_reversed_dates


class RulesVersion(BaseModel):
    """The rules in force. Version 0 is the defaults that nobody has saved yet."""

    version: int
    rules: BillingRules
    saved_by: str | None
    saved_at: AwareDatetime | None


class RulesChange(BaseModel):
    """New rules, whole. `version` is the one they were edited from."""

    version: int
    rules: Annotated[BillingRules, AfterValidator(refuse_reversed_dates)]
