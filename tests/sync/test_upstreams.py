"""How fast an upstream is used, and how long its lists may lag."""

import httpx
import pytest

from services.kit.upstream.rates import RateLimiter
from services.kit.upstream.retry import PATIENT
from services.sync.psas.registry import PSAS
from services.sync.settings import UpstreamSettings
from services.sync.systems import Credentials, Line
from services.sync.upstreams import is_loopback


@pytest.mark.parametrize("address", ["http://127.0.0.1:8092", "http://localhost:8092", "http://[::1]:8092/"])
def test_a_stand_in_on_this_machine_is_not_spared(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", ["https://na.myconnectwise.net", "https://10.0.0.7", "https://localhost.example.com", "", "127.0.0.1"]
)
def test_every_other_address_is_paced(address: str) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("address", "setting", "seconds"),
    [
        ("https://na.myconnectwise.net", None, 300),
        ("http://127.0.0.1:8092", None, 110),
        ("http://127.0.0.1:8092", 7.5, 7.5),
        ("https://na.myconnectwise.net", 0, 0),
    ],
)
def test_lists_of_connectwise_may_lag_for_minutes_unless_a_setting_says_otherwise(
    address: str, setting: float | None, seconds: float
) -> None:
    secrets = {"public_key": "a", "private_key": "b", "client_id": "c"}
    line = Line(
        http=httpx.AsyncClient(),
        pacing=RateLimiter(None),
        patience=PATIENT,
        settings=UpstreamSettings(connectwise_list_lag_seconds=setting),
        is_on_this_machine=is_loopback(address),
    )
    opened = PSAS["connectwise"].open(Credentials(address, "", {"company_id": "contoso"}, secrets), line, None)
    assert opened.list_lag.total_seconds() == seconds
