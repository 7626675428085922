"""How fast an upstream is used."""

import pytest

from services.sync.upstreams import is_loopback


@pytest.mark.parametrize("address", ["http://127.0.0.1:8092", "http://localhost:8092", "http://[::1]:8092/"])
def test_a_stand_in_on_this_machine_is_not_spared(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", ["https://na.myconnectwise.net", "https://10.0.0.7", "https://localhost.example.com", "", "127.0.0.1"]
)
def test_every_other_address_is_paced(address: str) -> None:
    assert not is_loopback(address)
