"""The way to both upstreams for one process: HTTP clients, pace, sealed secrets, opened per partner."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from redis.asyncio import Redis

from services.kit.base.crypto import Sealer
from services.kit.base.db import ReadSession
from services.kit.upstream.http import Timeouts, create_client
from services.kit.upstream.rates import Pace, RateLimiter
from services.kit.upstream.retry import PATIENT, Patience
from services.sync.connections.models import ConnectionRow
from services.sync.connections.service import find_saved, marketplace_forms, psa_forms
from services.sync.connections.traits import find_known_traits
from services.sync.marketplaces.port import Marketplace
from services.sync.marketplaces.registry import MARKETPLACES
from services.sync.psas.port import Fence, Psa
from services.sync.psas.registry import PSAS
from services.sync.settings import SyncSettings, UpstreamSettings
from services.sync.systems import Credentials, Line, Trait

# The local sandbox has no other users, so it is not slowed down; its 429 answers are still obeyed.
LOOPBACK_PACE = Pace(per_minute=60_000, slowest=600, fastest=60_000, burst=100, in_flight=8)


def is_loopback(address: str) -> bool:
    """Whether an address can only be a program on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Upstreams:
    """Opens a partner's systems with its credentials. Needs a session only for as long as it reads them."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        sealer: Sealer,
        marketplace_pace: RateLimiter,
        psa_pace: RateLimiter,
        patience: Patience = PATIENT,
        loopback_pace: RateLimiter | None = None,
        settings: UpstreamSettings | None = None,
    ) -> None:
        self._http = http
        self.sealer = sealer
        self.patience = patience
        self._marketplace_pace = marketplace_pace
        self._psa_pace = psa_pace
        self._loopback_pace = loopback_pace
        self._settings = settings or UpstreamSettings()

    async def open_marketplace(self, session: ReadSession, patience: Patience | None = None) -> Marketplace:
        """The marketplace of the session's partner; ConnectionMissing before its credentials were saved."""
        row = await find_saved(session, marketplace_forms())
        line = self._line(row.address, self._marketplace_pace, patience)
        return MARKETPLACES[row.system].open(self._credentials(row), line)

    async def open_psa(
        self, session: ReadSession, *, fence: Fence | None = None, patience: Patience | None = None
    ) -> Psa:
        """The PSA of the session's partner; ConnectionMissing before its credentials were saved.

        `fence` is called before each write leaves, and stops it by raising.
        """
        row = await find_saved(session, psa_forms())
        line = self._line(row.address, self._psa_pace, patience)
        credentials = replace(self._credentials(row), known=await find_known_traits(session, row.system))
        return PSAS[row.system].open(credentials, line, fence)

    async def weigh_traits(self, session: ReadSession, system: str) -> Sequence[Trait]:
        """The undocumented traits of the session's partner's PSA, each with where its value comes from."""
        return PSAS[system].weigh_traits(self._settings, await find_known_traits(session, system))

    def _line(self, address: str, pacing: RateLimiter, patience: Patience | None) -> Line:
        is_here = is_loopback(address)
        return Line(
            http=self._http,
            pacing=self._loopback_pace if self._loopback_pace and is_here else pacing,
            patience=patience or self.patience,
            settings=self._settings,
            is_on_this_machine=is_here,
        )

    def _credentials(self, row: ConnectionRow) -> Credentials:
        return Credentials(row.address, row.profile, row.settings, self.sealer.open(row.sealed))


@asynccontextmanager
async def open_upstreams(settings: SyncSettings, redis: "Redis") -> AsyncIterator[Upstreams]:
    """Upstreams for the life of a process."""
    timeouts = Timeouts(read=settings.upstream_read_seconds)
    async with create_client(timeouts=timeouts, held=settings.held_answer, streamed=settings.streamed_answer) as http:
        yield Upstreams(
            http,
            Sealer(settings.sealing_keys.get_secret_value()),
            RateLimiter(redis, pace=settings.appxite_pace),
            RateLimiter(redis, pace=settings.connectwise_pace),
            loopback_pace=RateLimiter(redis, pace=LOOPBACK_PACE),
            settings=settings,
        )
