"""What sync is told from outside, besides what every service is told."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from services.contracts.shapes import ProrationRounds
from services.kit.base.crypto import SealingKeys
from services.kit.base.settings import ServiceSettings
from services.kit.upstream.bounded import HELD, STREAMED, Bounds
from services.kit.upstream.rates import Pace

MOST_DECIMALS = 8
"""Of prices and quantities: finer than any that were seen."""


class UpstreamSettings(BaseModel):
    """What an installation can set about the systems it connects to; the same for all partners."""

    appxite_own_invoices_only: bool = True
    """Whether invoices of another provider than the seller id are left out of what is billed on, and shown as such.
    That the seller id is the organization id of the provider is an assumption; false bills on whatever is listed."""
    connectwise_api_version: str = Field("2025.1", pattern=r"^[0-9]{4}\.[0-9]+$")
    """Asked for first; where a site does not support it, the version that the site names is used."""
    connectwise_arrears_period_types: list[str] = []
    """Values of an agreement's `periodType` (Current, Future, Both, Undefined) that bill a period after its end. Which
    do is not documented; by default none, so that a period counts as invoiced from the next invoice date alone."""
    connectwise_list_lag_seconds: float | None = Field(None, ge=0)
    """How long ConnectWise's lists may lack an addition just written. Unset: five minutes, and two for a
    stand-in on this machine. Five minutes are an assumption: one tenant reported a "lag of minutes"."""
    connectwise_price_decimals: int | None = Field(None, ge=0, le=MOST_DECIMALS)
    """Decimals that ConnectWise keeps of a unit price. Unset: learned from what is read back, for each partner. One
    source shows four; nobody documents it."""
    connectwise_quantity_decimals: int | None = Field(None, ge=0, le=MOST_DECIMALS)
    """Decimals that ConnectWise keeps of a quantity. Unset: learned likewise."""
    connectwise_catches_up: bool | None = None
    """Whether an agreement that prorates bills the days of invoiced periods for which an addition was not billed.
    Unset: yes, as one vendor describes; nothing that is read back before the invoice shows it."""
    connectwise_proration_rounds: ProrationRounds | None = None
    """What is rounded to the currency where days are prorated. Unset: the unit price, as in the one published example,
    until a prorated price that ConnectWise shows says otherwise."""
    connectwise_prorated_price_is_its_word: bool = True
    """Whether `extendedProratePrice` of an addition is what ConnectWise will bill for the period in which it begins.
    Two help pages say so, its API documents nothing; false leaves it unread."""


class SyncSettings(UpstreamSettings, ServiceSettings):
    sealing_keys: SealingKeys
    """Fernet keys that seal upstream secrets, comma-separated, newest first."""
    appxite_calls_per_minute: float = Field(600, gt=0)
    appxite_calls_in_flight: int = Field(4, gt=0)
    connectwise_calls_per_minute: float = Field(600, gt=0)
    connectwise_calls_in_flight: int = Field(4, gt=0)
    keep_load_rows_days: int = Field(60, ge=1)
    """How long rows of loads that are no longer in force are kept."""
    keep_steps_days: int = Field(30, ge=1)
    """How long the steps of finished runs, and which nights were begun, are kept; the runs themselves stay."""
    keep_unapplied_plans_days: int = Field(60, ge=1)
    """How long plans that nobody applied are kept."""
    upstream_read_seconds: float = Field(60, gt=0)
    """Longest wait for the next piece of an upstream's answer."""
    upstream_answer_bytes: int = Field(HELD.most_bytes, gt=0)
    """Longest answer that is held in memory, inflated: a page of 1,000 records has a few MB."""
    upstream_answer_seconds: float = Field(HELD.seconds, gt=0)
    """Longest wait for the whole of such an answer."""
    upstream_stream_bytes: int = Field(STREAMED.most_bytes, gt=0)
    """Longest answer that is read item by item."""
    upstream_stream_seconds: float = Field(STREAMED.seconds, gt=0)
    """Longest wait for the whole of such an answer."""

    @model_validator(mode="after")
    def _events_are_kept_longest(self) -> Self:
        """Partners are found by their events, so that what is kept longer than those would never be purged."""
        if max(self.keep_load_rows_days, self.keep_steps_days, self.keep_unapplied_plans_days) >= self.keep_events_days:
            raise ValueError("TIEOUT_KEEP_EVENTS_DAYS must be more than every other TIEOUT_KEEP_…_DAYS of sync")
        return self

    @property
    def held_answer(self) -> Bounds:
        return Bounds(self.upstream_answer_bytes, self.upstream_answer_seconds)

    @property
    def streamed_answer(self) -> Bounds:
        return Bounds(self.upstream_stream_bytes, self.upstream_stream_seconds)

    @property
    def appxite_pace(self) -> Pace:
        return _pace(self.appxite_calls_per_minute, self.appxite_calls_in_flight)

    @property
    def connectwise_pace(self) -> Pace:
        return _pace(self.connectwise_calls_per_minute, self.connectwise_calls_in_flight)


def _pace(per_minute: float, in_flight: int) -> Pace:
    """A pace that grows to 1.5 times its start, so the default stays below the 1,000 a minute ConnectWise documents."""
    burst = max(1.0, per_minute / 60)
    return Pace(
        per_minute=per_minute, slowest=per_minute / 20, fastest=per_minute * 1.5, burst=burst, in_flight=in_flight
    )
