"""Which lines an override of the rules is about, and which of several that match decides. Pure.

An override names any of agreement, customer, product and charge type; a line matches when all that are named fit. Of
the overrides that match and say something about one field, the most specific decides that field. An agreement weighs
more than customer, product and charge type together, a customer more than product and charge type together, a product
more than a charge type. So two overrides weigh the same only where they name the same kinds; then a line matches
both only where they name the same records, and that is refused when rules are saved. The order in which overrides are
listed never matters.
"""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.contracts.vocabulary import ChargeType

LONGEST_ID = 200
_WEIGHTS = {"charge_type": 1, "offer_id": 2, "organization_id": 4, "agreement_id": 8}


class LinePlace(NamedTuple):
    """Where a line stands, as far as overrides ask; None where nobody knows, or where an override does not ask."""

    charge_type: ChargeType | None
    offer_id: str | None
    organization_id: str | None
    agreement_id: str | None

    def narrowed_to(self, weight: int) -> "LinePlace":
        """What a match of this weight has to name to fit."""
        asked = {name: getattr(self, name) if weight & each else None for name, each in _WEIGHTS.items()}
        return LinePlace(**asked)


class LineMatch(BaseModel):
    """The lines that an override is about; what is absent narrows nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    charge_type: ChargeType | None = None
    offer_id: str | None = Field(default=None, min_length=1, max_length=LONGEST_ID)
    organization_id: str | None = Field(default=None, min_length=1, max_length=LONGEST_ID)
    agreement_id: str | None = Field(default=None, min_length=1, max_length=LONGEST_ID)

    @model_validator(mode="after")
    def _names_something(self) -> "LineMatch":
        if not self.weight:
            message = "say which charge type, product, customer or agreement it is about"
            raise ValueError(message)
        return self

    @property
    def weight(self) -> int:
        """How specific it is: the heavier of two decides."""
        return sum(weight for name, weight in _WEIGHTS.items() if getattr(self, name) is not None)

    @property
    def place(self) -> LinePlace:
        return LinePlace(self.charge_type, self.offer_id, self.organization_id, self.agreement_id)
