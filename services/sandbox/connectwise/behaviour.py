"""What may be set about ConnectWise while it runs: habits that differ between tenants, or that nobody knows.

Where a default answers an open question, the comment says so. A reset restores the defaults.
"""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from services.sandbox.control import OrderFault, OrderRefused
from services.sandbox.settings import Settings

PeriodType = Literal["Current", "Future", "Both", "Undefined"]
Decimals = Annotated[int, Field(ge=0, le=8)]


class Behaviour(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    page_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Most records of a page, whatever pageSize asks."""
    list_lag_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """How long lists and counts, filtered or not, show a record as it was before a write. Length unknown."""
    unknown_members: Literal["ignore", "refuse"] = "ignore"
    """What happens to members of a body that the record does not have."""
    accept_version: Literal["any", "known"] = "any"
    """Whether a version in the Accept header must be one of `known_versions`."""
    known_versions: Annotated[list[Annotated[str, Field(pattern=r"^\d+\.\d+$")]], Field(min_length=1)] = ["2025.1"]
    """The last one is the server's own, as companyinfo says it."""
    reprice_on_product_change: bool = False
    """A product changed without a price takes price, cost and text from the catalog, and loses serialNumber
    unless that is sent too. Said by one public client, which is not sure of serialNumber."""
    patch_validates_record: bool = False
    """PATCH holds every rule over the whole stored record. Seen for companies; unknown for additions."""
    price_decimals: Decimals
    """Decimals kept of prices. Unknown: four were seen, two are the safe guess."""
    quantity_decimals: Decimals
    """Decimals kept of quantities. Unknown."""
    delete: Literal["allowed", "refused", "when_never_invoiced"] = "when_never_invoiced"
    """Of additions and agreements. Unknown."""
    delete_conflict: Literal[400, 409]
    """Status of a refused deletion. Unknown."""
    ext_price_base: Literal["billedQuantity", "quantity"]
    """What is multiplied by the unit price, on additions and on invoices. Unknown."""
    lenient_patch: bool
    """Strip a leading slash and lower-case `op` in PATCH instead of refusing them. Unknown."""
    proration_rounds: Literal["unit_price", "amount"] = "unit_price"
    """What is rounded to the currency when days are prorated: the price of one, or the amount. Unknown; the one
    published example speaks of an amount per unit."""
    missed_days: Literal["billed", "forgotten"] = "billed"
    """Days of an invoiced period for which a prorated addition was not billed: caught up on the next invoice, as
    one vendor describes, or not."""
    arrears_period_types: list[PeriodType] = []
    """Values of an agreement's periodType that bill a period after its end. Unknown: by default none does."""


class BehaviourOrder(RootModel[dict[str, Any]]):
    """Any of the switches; the others stay as they are."""


class Defaults(NamedTuple):
    """Switches whose default the environment may set."""

    price_decimals: int
    quantity_decimals: int
    delete_conflict: int
    ext_price_base: str
    lenient_patch: bool


def make_behaviour(settings: Settings, changed: dict[str, Any]) -> Behaviour:
    """The defaults with what was changed. Raises OrderRefused when a value is not possible."""
    defaults = Defaults(
        settings.price_scale,
        settings.quantity_scale,
        settings.delete_conflict,
        settings.ext_price_base,
        settings.lenient_patch,
    )
    try:
        return Behaviour.model_validate({**defaults._asdict(), **changed})
    except ValidationError as error:
        faults = (OrderFault(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors())
        raise OrderRefused(*faults) from None
