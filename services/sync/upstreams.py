"""The way to both upstreams for one process: HTTP clients, pace, sealed secrets, opened per partner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from redis.asyncio import Redis

from services.contracts.vocabulary import ConnectedSystem
from services.kit import clock
from services.kit.crypto import Sealer
from services.kit.db import ReadSession
from services.kit.http import Timeouts, create_client
from services.kit.rate_limit import RateLimiter
from services.kit.retry import PATIENT, Patience
from services.sync.appxite.client import AppXiteClient, Marketplace
from services.sync.appxite.profiles import PROFILES
from services.sync.appxite.source import SourceClient
from services.sync.connections import repository
from services.sync.connections.models import ConnectionRow
from services.sync.connections.service import LABELS, ConnectionMissing
from services.sync.connectwise.channel import Channel
from services.sync.connectwise.client import ConnectWiseClient
from services.sync.connectwise.site import Account
from services.sync.settings import SyncSettings


class Upstreams:
    """Opens clients with the partner's credentials. Needs a session only for as long as it reads them."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        sealer: Sealer,
        appxite_pace: RateLimiter,
        connectwise_pace: RateLimiter,
        patience: Patience = PATIENT,
    ) -> None:
        self._http = http
        self.sealer = sealer
        self.patience = patience
        self._appxite_pace = appxite_pace
        self._connectwise_pace = connectwise_pace

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
            self._http, place, self._appxite_pace, today=clock.today, patience=patience or self.patience
        )

    async def open_connectwise(self, session: ReadSession, patience: Patience | None = None) -> ConnectWiseClient:
        """The PSA of the session's partner; ConnectionMissing before its credentials were saved."""
        row, secrets = await self._credentials(session, ConnectedSystem.CONNECTWISE)
        account = Account(site=row.address, company_id=row.settings["company_id"], **secrets)
        return ConnectWiseClient(
            Channel(self._http, account, self._connectwise_pace, patience=patience or self.patience)
        )

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
        )
