"""Sync's real worker process with short waits, so that a test of faults lasts seconds.

Everything scales alike: leases, looks for what was lost, pauses and patience. Two calls are in flight at a time, so
that a plan of six writes is still being written when something happens to the first of them.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from services.kit.base.db import Database
from services.kit.ledger import work
from services.kit.ledger.worker import ServiceWorker, run
from services.kit.upstream.retry import Patience
from services.sync import upstreams
from services.sync.pushes import crew, push
from services.sync.settings import SyncSettings
from services.sync.upstreams import Upstreams
from services.sync.worker import build_worker

work.LEASE_SECONDS = 3.0
push.WAITING = push.Waiting(looks=(0.0, 0.3, 0.6), pauses=(0.3, 0.6, 1.2))
crew.FLUSH_SECONDS = float(os.environ.get("HASTY_FLUSH_SECONDS", "0.2"))
crew.TURN_SECONDS = 0.1
upstreams.LOOPBACK_PACE = replace(upstreams.LOOPBACK_PACE, lease_seconds=2.0, in_flight=2)
HASTY = Patience(tries=4, base=0.1, cap=1.0)


def build_hasty(settings: SyncSettings) -> ServiceWorker:
    plain = build_worker(settings)

    @asynccontextmanager
    async def resources(database: Database) -> AsyncIterator[Upstreams]:
        async with plain.resources(database) as opened:
            opened.patience = HASTY
            yield opened

    return replace(plain, resources=resources)


if __name__ == "__main__":
    settings = SyncSettings()
    run(build_hasty(settings), settings)
