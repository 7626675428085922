"""Sync's real worker process, for a test that kills it: what a dead one held is free sooner, and looks are closer."""

from dataclasses import replace

from services.kit.ledger import work
from services.kit.ledger.worker import run
from services.sync import upstreams
from services.sync.pushes import push
from services.sync.settings import SyncSettings
from services.sync.worker import build_worker

work.LEASE_SECONDS = 3.0
push.WAITING = push.Waiting(looks=(0.0, 0.5, 1.0, 2.0))
upstreams.LOOPBACK_PACE = replace(upstreams.LOOPBACK_PACE, lease_seconds=2.0)

if __name__ == "__main__":
    settings = SyncSettings()
    run(build_worker(settings), settings)
