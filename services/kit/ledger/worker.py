"""A service's job process: its queues, its sweep, and a clean stop.

Effects and long work have a queue each, in one process: a long job never fills the slots of the short
ones, and an idle installation pays for one interpreter less.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
import uvloop
from redis.asyncio import Redis

from services.kit.base.db import Database, StatementLimits
from services.kit.base.log import configure_logging
from services.kit.base.process import collect_garbage_rarely
from services.kit.base.settings import ServiceSettings
from services.kit.ledger import bus, queue, relay, retention, work
from services.kit.ledger.live import LiveStream

log = structlog.get_logger()

EFFECT_SLOTS = 4  # effects are CPU-bound Python: more slots only lengthen each
EFFECTS_AHEAD = 28  # arq looks for messages 20 times a second: enough for 640 small effects in that time
EFFECT_SECONDS = 60
WORK_SLOTS = 4
WORK_SECONDS = 6 * 3600  # a month of 100,000 writes at the upstream's rate limit
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@asynccontextmanager
async def _no_resources(_database: Database) -> AsyncIterator[None]:
    yield None


@dataclass(frozen=True, slots=True)
class ServiceWorker:
    """What a service's worker process does.

    Args:
        handlers: effects of the consumer named like the service, by event type; or one for every event.
        jobs: long work that the service orders of itself, of the consumer `<service>.runs`.
        resources: opens what jobs need besides the database.
        retentions: tables whose old rows it purges at night.
        schedule: begins what falls due on the clock, until cancelled.
    """

    service: str
    handlers: bus.Handlers | bus.Recorder
    jobs: work.Jobs = field(default_factory=dict)
    resources: Callable[[Database], AbstractAsyncContextManager[Any]] = _no_resources
    retentions: Sequence[retention.Retention] = ()
    schedule: Callable[[Database], Coroutine[Any, Any, None]] | None = None


def run(worker: ServiceWorker, settings: ServiceSettings) -> None:
    """Run until SIGTERM or SIGINT; what is unfinished then goes back to the ledger."""
    configure_logging(worker.service, settings.log_level, settings.log_format)
    collect_garbage_rarely()
    uvloop.run(serve(worker, settings))


async def serve(worker: ServiceWorker, settings: ServiceSettings, sweep_seconds: float = 1.0) -> None:
    """The worker as a coroutine; returns after a stop signal or when cancelled, with nothing left running."""
    async with contextlib.AsyncExitStack() as open_until_the_end:
        bells = queue.RedisQueue(settings.redis_url)
        open_until_the_end.push_async_callback(bells.close)
        redis = Redis.from_url(settings.redis_url)
        open_until_the_end.push_async_callback(redis.aclose)
        # What goes on at once: effects, jobs with a transaction beside another, their heartbeats, sweep, purge, clock.
        most = EFFECT_SLOTS + 3 * WORK_SLOTS + 3
        pool_size = settings.db_pool_size
        database = Database(
            settings.database_url,
            worker.service,
            pool_size,
            overflow=max(most - pool_size, 0),
            limits=StatementLimits(settings.worker_statement_seconds, settings.worker_lock_seconds),
        )
        open_until_the_end.push_async_callback(database.close)
        database.ring, database.announce = bells.ring, LiveStream(redis).announce_all
        resources = await open_until_the_end.enter_async_context(worker.resources(database))
        await _work_until_stopped(_duties(worker, settings, database, resources, sweep_seconds), worker.service)


async def _work_until_stopped(duties: list[Coroutine[Any, Any, None]], service: str) -> None:
    """Do all duties until a stop signal. A duty that ends by itself is a fault that ends the process."""
    stop = asyncio.Event()
    with _signals_set(stop):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(duty) for duty in duties]
            log.info("worker ready", service=service)
            await stop.wait()
            for task in tasks:
                task.cancel()
    log.info("worker stopped", service=service)


@contextlib.contextmanager
def _signals_set(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for name in STOP_SIGNALS:
        loop.add_signal_handler(name, stop.set)
    try:
        yield
    finally:
        for name in STOP_SIGNALS:
            loop.remove_signal_handler(name)


def _duties(
    worker: ServiceWorker, settings: ServiceSettings, database: Database, resources: object, sweep_seconds: float
) -> list[Coroutine[Any, Any, None]]:
    async def make_effect(consumer: str, event_id: UUID) -> bool:
        return await bus.handle_effect(database, consumer, event_id, worker.handlers, seconds=EFFECT_SECONDS)

    async def do_work(consumer: str, job_id: UUID) -> bool:
        return await work.handle_work(database, consumer, job_id, worker.jobs, resources, seconds=WORK_SECONDS)

    # arq's own limits are never reached: ours count from the start of an effect, and note why it was stopped.
    effects = partial(
        queue.build_worker,
        settings.redis_url,
        worker.service,
        make_effect,
        slots=EFFECT_SLOTS,
        ahead=EFFECTS_AHEAD,
        job_seconds=20 * EFFECT_SECONDS,
    )
    duties = [relay.sweep_forever(database, sweep_seconds), queue.serve_forever(effects)]
    if worker.jobs:
        consumer = f"{worker.service}.runs"
        jobs = partial(
            queue.build_worker,
            settings.redis_url,
            consumer,
            do_work,
            slots=WORK_SLOTS,
            job_seconds=WORK_SECONDS + EFFECT_SECONDS,
        )
        duties.append(queue.serve_forever(jobs))
    if worker.retentions:
        duties.append(retention.purge_nightly(database, worker.retentions))
    if worker.schedule is not None:
        duties.append(worker.schedule(database))
    if settings.heartbeat_file is not None:
        duties.append(_beat_forever(settings.heartbeat_file))
    return duties


async def _beat_forever(file: Path) -> None:
    """Touch a file every second: an event loop that hangs cannot."""
    while True:
        file.touch()  # noqa: ASYNC240 - microseconds, and a thread of its own would beat for a loop that hangs
        await asyncio.sleep(1)
