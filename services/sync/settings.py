"""What sync is told from outside, besides what every service is told."""

from pydantic import BaseModel, Field, SecretStr

from services.kit.base.settings import ServiceSettings
from services.kit.upstream.rates import Pace


class UpstreamSettings(BaseModel):
    """What an installation can set about the systems it connects to; the same for all partners."""

    appxite_own_invoices_only: bool = True
    """Whether invoices of another provider than the seller id are left out of what is billed on, and shown as such.
    That the seller id is the organization id of the provider is an assumption; false bills on whatever is listed."""
    connectwise_api_version: str = Field("2025.1", pattern=r"^[0-9]{4}\.[0-9]+$")
    """Asked for first; where a site does not support it, the version that the site names is used."""
    connectwise_list_lag_seconds: float | None = Field(None, ge=0)
    """How long ConnectWise's lists may lack an addition just written. Unset: five minutes, and none for a
    stand-in on this machine. Five minutes are an assumption: one tenant reported a "lag of minutes"."""
    connectwise_price_decimals: int = Field(2, ge=0, le=8)
    """Decimals that ConnectWise keeps of a unit price. One source shows four, but its accounting export rounds to
    two; with two, every total is exact on either kind of tenant, at the price of more lines with quantity 1."""
    connectwise_quantity_decimals: int = Field(4, ge=0, le=8)
    """Decimals that ConnectWise keeps of a quantity: an assumption, its scale is not documented."""


class SyncSettings(UpstreamSettings, ServiceSettings):
    sealing_keys: SecretStr
    """Fernet keys that seal upstream secrets, comma-separated, newest first."""
    appxite_calls_per_minute: float = Field(600, gt=0)
    appxite_calls_in_flight: int = Field(4, gt=0)
    connectwise_calls_per_minute: float = Field(600, gt=0)
    connectwise_calls_in_flight: int = Field(4, gt=0)
    upstream_read_seconds: float = Field(60, gt=0)
    """Longest wait for the next piece of an upstream's answer."""

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
