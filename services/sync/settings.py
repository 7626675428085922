"""What sync is told from outside, besides what every service is told."""

from pydantic import Field, SecretStr

from services.kit.base.settings import ServiceSettings
from services.kit.upstream.bounded import HELD, STREAMED, Bounds
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
    upstream_answer_bytes: int = Field(HELD.most_bytes, gt=0)
    """Longest answer that is held in memory, inflated: a page of 1,000 records has a few MB."""
    upstream_answer_seconds: float = Field(HELD.seconds, gt=0)
    """Longest wait for the whole of such an answer."""
    upstream_stream_bytes: int = Field(STREAMED.most_bytes, gt=0)
    """Longest answer that is read item by item."""
    upstream_stream_seconds: float = Field(STREAMED.seconds, gt=0)
    """Longest wait for the whole of such an answer."""

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
    """Half as fast again at most, which keeps the default below the 1,000 a minute ConnectWise documents."""
    burst = max(1.0, per_minute / 60)
    return Pace(
        per_minute=per_minute, slowest=per_minute / 20, fastest=per_minute * 1.5, burst=burst, in_flight=in_flight
    )
