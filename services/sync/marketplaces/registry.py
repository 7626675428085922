"""Every marketplace that a partner can connect. A second one is a folder beside `appxite` and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from services.sync.marketplaces.appxite import system as appxite
from services.sync.marketplaces.port import Marketplace
from services.sync.systems import ConnectionForm, Credentials, Line


@dataclass(frozen=True, slots=True)
class MarketplaceSystem:
    """One kind of marketplace: its connection form, and how a partner's is opened."""

    form: ConnectionForm
    open: Callable[[Credentials, Line], Marketplace]


MARKETPLACES: dict[str, MarketplaceSystem] = {
    each.form.name: each for each in (MarketplaceSystem(appxite.FORM, appxite.open_marketplace),)
}
"""Name → system. A partner has one marketplace."""
