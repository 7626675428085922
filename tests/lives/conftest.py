"""An installation to play lives in."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import httpx
import pytest

from services.kit.base.db import Database
from services.kit.base.settings import asyncpg_url
from services.sync.settings import UpstreamSettings
from services.sync.upstreams import Upstreams
from tests.lives.installation import Installation
from tests.lives.world import IN_ARREARS
from tests.support.clock import HeldClock
from tests.support.databases import TestDatabase
from tests.sync.conftest import (
    StandIns,
    api,
    open_stand_ins,
    partner,
    sandbox_settings,
    stand_ins,
    sync_database,
    sync_settings,
)

__all__ = ["api", "partner", "sandbox_settings", "stand_ins", "sync_database", "sync_settings"]


@pytest.fixture
def upstreams(stand_ins: StandIns) -> Upstreams:
    settings = UpstreamSettings(connectwise_arrears_period_types=[IN_ARREARS], connectwise_list_lag_seconds=0)
    return open_stand_ins(stand_ins, settings)


@pytest.fixture
async def installation(
    database: TestDatabase,
    sync_database: Database,
    upstreams: Upstreams,
    stand_ins: StandIns,
    clock: HeldClock,
    api: Callable[..., httpx.AsyncClient],
) -> AsyncIterator[Installation]:
    billing = Database(asyncpg_url(database.url("billing")), "billing")
    yield Installation(uuid4(), sync_database, upstreams, billing=billing, stand_ins=stand_ins, clock=clock, client=api)
    await billing.close()
