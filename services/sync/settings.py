"""What sync is told from outside, besides what every service is told."""

from pydantic import Field, SecretStr

from services.kit.base.settings import ServiceSettings
from services.kit.upstream.rates import Pace


class SyncSettings(ServiceSettings):
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
    """Half as fast again at most, which keeps the default below the 1,000 a minute ConnectWise documents."""
    burst = max(1.0, per_minute / 60)
    return Pace(
        per_minute=per_minute, slowest=per_minute / 20, fastest=per_minute * 1.5, burst=burst, in_flight=in_flight
    )
