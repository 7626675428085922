"""Sync's job process: `python -m services.sync.worker`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from services.kit.base.db import Database
from services.kit.base.settings import read_settings
from services.kit.ledger.worker import ServiceWorker, run
from services.sync.handlers import HANDLERS
from services.sync.retention.tables import retentions
from services.sync.schedule.service import keep_schedule
from services.sync.settings import SyncSettings
from services.sync.upstreams import Upstreams, open_upstreams
from services.sync.workflows import JOBS


def build_worker(settings: SyncSettings) -> ServiceWorker:
    @asynccontextmanager
    async def resources(_database: Database) -> AsyncIterator[Upstreams]:
        async with Redis.from_url(settings.redis_url) as redis, open_upstreams(settings, redis) as upstreams:
            yield upstreams

    return ServiceWorker("sync", HANDLERS, JOBS, resources, retentions(settings), keep_schedule)


if __name__ == "__main__":
    settings = read_settings(SyncSettings)
    run(build_worker(settings), settings)
