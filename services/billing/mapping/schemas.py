"""What the mapping screens read and write."""

from typing import Literal

from pydantic import BaseModel, Field

from services.billing.mirrors.schemas import Reference
from services.contracts.vocabulary import OrganizationState

MAX_IDS = 1000


class CompanySuggestion(BaseModel):
    """A company that an organization may be; `score` goes to 100."""

    company_id: str
    company: str
    score: int
    reason: str


class OrganizationItem(BaseModel):
    """An organization of the marketplace and what people decided about it."""

    id: str
    name: str
    currency: str | None
    state: OrganizationState
    company: Reference | None
    agreement: Reference | None
    suggestion: CompanySuggestion | None
    lines_held: int
    version: int


class OrganizationChange(BaseModel):
    """What to change; null clears, absent leaves. A new company forgets the agreement unless one is given."""

    version: int
    state: Literal["approved", "excluded"] | None = None
    company_id: str | None = Field(default=None, max_length=100)
    agreement_id: str | None = Field(default=None, max_length=100)


class ProductSuggestion(BaseModel):
    """A catalog item that an offer may be; `score` goes to 100."""

    product_id: str
    product: str
    score: int
    reason: str


class ProductItem(BaseModel):
    """An offer of the marketplace and the catalog item it is billed as. Offers are never excluded."""

    id: str
    name: str
    state: OrganizationState
    product: Reference | None
    suggestion: ProductSuggestion | None
    lines_held: int
    version: int


class ProductChange(BaseModel):
    """The catalog item of an offer; null takes it away."""

    version: int
    product_id: str | None = Field(max_length=100)


class SuggestionsToAccept(BaseModel):
    """Whose suggestions to accept."""

    ids: list[str] = Field(min_length=1, max_length=MAX_IDS)


class SuggestionsAccepted(BaseModel):
    """Which suggestions were accepted, and which ids had none or are mapped already."""

    accepted: list[str]
    skipped: list[str]
