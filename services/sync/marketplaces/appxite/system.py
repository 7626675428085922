"""AppXite as the registry knows it: what its connection form asks, and how one partner's marketplace is opened."""

from services.kit.base import clock
from services.sync.marketplaces.appxite.client import Account, AppXiteClient
from services.sync.marketplaces.appxite.profiles import PROFILES
from services.sync.systems import ConnectionForm, Credentials, Line

FORM = ConnectionForm(
    name="appxite", label="AppXite", settings=("seller_id",), secrets=("key",), profiles=tuple(PROFILES)
)


def open_marketplace(credentials: Credentials, line: Line) -> AppXiteClient:
    account = Account(
        address=credentials.address,
        seller_id=credentials.settings["seller_id"],
        key=credentials.secrets["key"],
        profile=PROFILES[credentials.profile],
        own_organization=credentials.settings["seller_id"] if line.settings.appxite_own_invoices_only else "",
    )
    return AppXiteClient(line.http, account, line.pacing, today=clock.today, patience=line.patience)
