"""The desk with a PSA in memory instead of the stand-in: what lists show, and when, is a test's to say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.kit.base.db import Database, ReadSession
from services.sync.psas.port import Psa
from services.sync.upstreams import Upstreams
from tests.support.clock import HeldClock
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.desk import Desk, Subscriptions, stand_ins, subscriptions, upstreams
from tests.sync.pushes.conftest import waits

__all__ = ["MemoryDesk", "desk", "psa", "stand_ins", "subscriptions", "upstreams", "waits"]


@dataclass
class MemoryDesk(Desk):
    """A partner whose additions are in `psa`."""

    psa: MemoryPsa = field(default_factory=MemoryPsa)


@pytest.fixture
def psa() -> MemoryPsa:
    return MemoryPsa()


@pytest.fixture
async def desk(
    sync_database: Database,
    upstreams: Upstreams,
    clock: HeldClock,
    subscriptions: Subscriptions,
    psa: MemoryPsa,
    monkeypatch: pytest.MonkeyPatch,
) -> MemoryDesk:
    clock.set(datetime(2026, 6, 17, 12, tzinfo=UTC))

    async def open_memory(_session: ReadSession, **_: Any) -> Psa:
        return psa

    monkeypatch.setattr(upstreams, "open_psa", open_memory)
    partner = MemoryDesk(uuid4(), sync_database, upstreams, subscriptions=subscriptions, psa=psa)
    await partner.connect()
    return partner
