"""The order that brings a world of one's own to AppXite, and every field it may have.

Ids are texts, as AppXite's are, and compare without case. Amounts are decimal texts or numbers, kept to their last
digit.
"""

from datetime import date as Day  # noqa: N812 - a field of an invoice is named date
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from services.sandbox.control import Body

Status = Literal["New", "New Corrected", "Verified", "Issued", "Paid", "Payment Card Error"]
PREVIEW_STATUSES = frozenset({"New", "New Corrected"})
BodyT = TypeVar("BodyT", bound=Body)
NOT_A_NUMBER = "no number"
"""True and false would pass for 1 and 0."""


def _text_of_number(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _no_truth(value: object) -> object:
    return NOT_A_NUMBER if isinstance(value, bool) else value


Key = Annotated[
    str,
    BeforeValidator(_text_of_number),
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s/?#%,&]+$"),
]
"""An id. It has to fit into an address, and into a list with commas."""
Text = Annotated[str, BeforeValidator(_text_of_number)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
_LIMIT = Decimal(10) ** 15
"""Beyond it sums would no longer be exact in Decimal's 28 digits."""
Amount = Annotated[Decimal, BeforeValidator(_no_truth), Field(allow_inf_nan=False, gt=-_LIMIT, lt=_LIMIT)]


class OwnOrganization(Body):
    id: Key
    name: Name
    currency: Currency
    status: str = "Active"
    country: str = ""
    city: str = ""
    postal_code: str = ""
    address: str = ""
    email: str = ""
    vat_number: str = ""
    registration_number: str = ""
    erp_id: str | None = None
    parent_id: Key | None = None
    """The seller when absent."""


class OwnOffer(Body):
    id: Key
    name: Name
    short_name: str = ""
    sku: str = ""
    """The vendor's id of the offer."""
    vendor: str = ""
    status: str = "Published"


class OwnContract(Body):
    id: Key
    organization_id: Key
    billing_day: Annotated[int, Field(ge=1, le=28)]
    currency: Currency
    name: str = ""
    number: Text = ""
    reference: Text = ""
    purpose: str = "Invoice"
    status: str = "Active"
    start: Day | None = None


class OwnSubscription(Body):
    id: Key
    organization_id: Key
    offer_id: Key
    name: str = ""
    """The offer's when empty."""
    status: str = "Active"
    start: Day | None = None
    end: Day | None = None
    quantity: Amount = Decimal(1)
    billing_cycle: str = "Monthly"
    commitment_term: str | None = None
    auto_renew: bool = True
    vendor_subscription_id: Text = ""

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> "OwnSubscription":
        return _in_order(self, self.start, self.end)


class OwnRow(Body):
    id: Key
    subscription_id: Key | None = None
    """Only a custom row may do without."""
    offer_id: Key | None = None
    """The subscription's when absent."""
    charge_type: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    quantity: Amount
    unit_price: Amount
    total: Amount
    start: Day | None = None
    end: Day | None = None
    custom: bool | str = False
    """A row that somebody wrote by hand; a text is its description."""

    @model_validator(mode="after")
    def _is_complete(self) -> "OwnRow":
        if not self.custom and self.subscription_id is None:
            raise ValueError("subscription_id is needed, unless the row is custom")
        if not self.custom and self.charge_type is None:
            raise ValueError("charge_type is needed, unless the row is custom")
        if self.subscription_id is None and self.offer_id is None:
            raise ValueError("offer_id is needed where there is no subscription_id")
        return _in_order(self, self.start, self.end)


class OwnInvoice(Body):
    id: Key
    number: Annotated[Text, StringConstraints(min_length=1)]
    organization_id: Key
    currency: Currency
    date: Day
    rows: list[OwnRow]
    status: Status = "Verified"
    checksum: Amount | None = None
    """The sum of the rows when absent."""
    due_date: Day | None = None
    period_start: Day | None = None
    period_end: Day | None = None
    rate_to_euro: Amount | None = None
    comments: str = ""
    provider_id: Key | None = None
    """Who invoices; the seller when absent."""
    provider: str | None = None


class MarketplaceWorldOrder(Body):
    """Records for the marketplace. With `replace` they are the whole world."""

    replace: bool = False
    today: Day | None = None
    """Pins the day of this stand-in."""
    organizations: Annotated[list[OwnOrganization], Field(default_factory=list)]
    offers: Annotated[list[OwnOffer], Field(default_factory=list)]
    contracts: Annotated[list[OwnContract], Field(default_factory=list)]
    subscriptions: Annotated[list[OwnSubscription], Field(default_factory=list)]
    invoices: Annotated[list[OwnInvoice], Field(default_factory=list)]


def _in_order(body: BodyT, start: Day | None, end: Day | None) -> BodyT:
    if start and end and end < start:
        raise ValueError("the end is before the start")
    return body
