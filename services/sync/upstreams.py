"""The way to both upstreams for one process: HTTP clients, pace, sealed secrets, opened per partner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from redis.asyncio import Redis

from services.contracts.vocabulary import ConnectedSystem
from services.kit.base import clock
from services.kit.base.crypto import Sealer
from services.kit.base.db import ReadSession
from services.kit.upstream.http import Timeouts, create_client
from services.kit.upstream.rates import Pace, RateLimiter
from services.kit.upstream.retry import PATIENT, Patience
from services.sync.connections import repository
from services.sync.connections.models import ConnectionRow
from services.sync.connections.service import LABELS, ConnectionMissing
from services.sync.marketplaces.appxite.client import AppXiteClient, Marketplace
from services.sync.marketplaces.appxite.profiles import PROFILES
from services.sync.marketplaces.port import SourceClient
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.client import ConnectWiseClient
from services.sync.psas.connectwise.psa import ConnectWise
from services.sync.psas.connectwise.site import Account
from services.sync.psas.port import Psa
from services.sync.settings import SyncSettings

# A stand-in on this machine serves nobody else, so nothing is spared by going slowly. A 429 of its is obeyed.
LOOPBACK_PACE = Pace(per_minute=60_000, slowest=600, fastest=60_000, burst=100, in_flight=8)


def is_loopback(address: str) -> bool:
    """Whether an address can only be a program on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Upstreams:
    """Opens clients with the partner's credentials. Needs a session only for as long as it reads them."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        sealer: Sealer,
        appxite_pace: RateLimiter,
        connectwise_pace: RateLimiter,
        patience: Patience = PATIENT,
        loopback_pace: RateLimiter | None = None,
    ) -> None:
        self._http = http
        self.sealer = sealer
        self.patience = patience
        self._appxite_pace = appxite_pace
        self._connectwise_pace = connectwise_pace
        self._loopback_pace = loopback_pace

    def _pace_of(self, address: str, account_pace: RateLimiter) -> RateLimiter:
        return self._loopback_pace if self._loopback_pace and is_loopback(address) else account_pace

    async def open_appxite(self, session: ReadSession, patience: Patience | None = None) -> SourceClient:
        """The marketplace of the session's partner; ConnectionMissing before its credentials were saved."""
        row, secrets = await self._credentials(session, ConnectedSystem.APPXITE)
        place = Marketplace(
            address=row.address,
            seller_id=row.settings["seller_id"],
            key=secrets["key"],
            profile=PROFILES[row.profile],
        )
        return AppXiteClient(
            self._http,
            place,
            self._pace_of(row.address, self._appxite_pace),
            today=clock.today,
            patience=patience or self.patience,
        )

    async def open_connectwise(self, session: ReadSession, patience: Patience | None = None) -> ConnectWiseClient:
        """The PSA of the session's partner; ConnectionMissing before its credentials were saved."""
        row, secrets = await self._credentials(session, ConnectedSystem.CONNECTWISE)
        account = Account(site=row.address, company_id=row.settings["company_id"], **secrets)
        pace = self._pace_of(row.address, self._connectwise_pace)
        return ConnectWiseClient(Channel(self._http, account, pace, patience=patience or self.patience))

    async def open_psa(self, session: ReadSession, *, fence=None, patience: Patience | None = None) -> "Psa":
        return ConnectWise(await self.open_connectwise(session, patience), fence)

    async def _credentials(self, session: ReadSession, system: ConnectedSystem) -> tuple[ConnectionRow, dict[str, str]]:
        row = await repository.find_connection(session, system)
        if row is None:
            raise ConnectionMissing(f"No credentials are saved for {LABELS[system]}.")
        return row, self.sealer.open(row.sealed)


@asynccontextmanager
async def open_upstreams(settings: SyncSettings, redis: "Redis") -> AsyncIterator[Upstreams]:
    """Upstreams for the life of a process."""
    async with create_client(timeouts=Timeouts(read=settings.upstream_read_seconds)) as http:
        yield Upstreams(
            http,
            Sealer(settings.sealing_keys.get_secret_value()),
            RateLimiter(redis, pace=settings.appxite_pace),
            RateLimiter(redis, pace=settings.connectwise_pace),
            loopback_pace=RateLimiter(redis, pace=LOOPBACK_PACE),
        )
