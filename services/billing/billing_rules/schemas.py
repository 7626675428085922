"""What the rules screen reads and writes."""

from pydantic import AwareDatetime, BaseModel

from services.billing.rules.model import BillingRules


class RulesVersion(BaseModel):
    """The rules in force. Version 0 is the defaults that nobody has saved yet."""

    version: int
    rules: BillingRules
    saved_by: str | None
    saved_at: AwareDatetime | None


class RulesChange(BaseModel):
    """New rules, whole. `version` is the one they were edited from."""

    version: int
    rules: BillingRules
