"""ConnectWise as the registry knows it: what its connection form asks, and how one partner's PSA is opened."""

from datetime import timedelta

from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.psa import ConnectWisePsa
from services.sync.psas.connectwise.site import Account
from services.sync.psas.connectwise.traits import describe, weigh_traits
from services.sync.psas.port import Fence
from services.sync.systems import ConnectionForm, Credentials, Line

__all__ = ["FORM", "account_of", "open_psa", "weigh_traits"]

FORM = ConnectionForm(
    name="connectwise",
    label="ConnectWise",
    settings=("company_id",),
    secrets=("public_key", "private_key", "client_id"),
)
LIST_LAG_SECONDS = 300.0
LIST_LAG_SECONDS_HERE = 110.0  # of a stand-in: longer than its lists are usually told to lag


def account_of(credentials: Credentials, line: Line) -> Account:
    return Account(
        site=credentials.address,
        company_id=credentials.settings["company_id"],
        version=line.settings.connectwise_api_version,
        **credentials.secrets,
    )


def open_psa(credentials: Credentials, line: Line, fence: Fence | None) -> ConnectWisePsa:
    channel = Channel(line.http, account_of(credentials, line), line.pacing, patience=line.patience, fence=fence)
    settings = line.settings
    return ConnectWisePsa(
        channel,
        describe(settings, credentials.known),
        _list_lag(line),
        settings.connectwise_arrears_period_types,
        shows_prorated_price=settings.connectwise_prorated_price_is_its_word,
    )


def _list_lag(line: Line) -> timedelta:
    seconds = line.settings.connectwise_list_lag_seconds
    if seconds is None:
        seconds = LIST_LAG_SECONDS_HERE if line.is_on_this_machine else LIST_LAG_SECONDS
    return timedelta(seconds=seconds)
