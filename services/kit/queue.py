"""The doorbell, and the only importer of arq.

A message is one event id; what must happen stands in the ledger. arq loses or repeats work in several
ways, all measured, and each is dealt with here:

- it pickles payloads: JSON serializers are set;
- it deletes jobs whose function a worker does not know: every queue has one job name for ever, `deliver`;
- it does not retry exceptions and counts restarts as tries: `deliver` never raises, retries live in the
  ledger, `max_tries` only bounds cancellations;
- a finished id blocks its successor while its result lives: `keep_result=0` and no job ids of ours;
- its settings class drops misspelt and inherited names: `Worker` is built by keyword, which raises;
- a restarted Redis ends it even with retries on: `OSError` is retried too, and `serve_forever` restarts it;
- it is slow by default (10 jobs, 0.5 s): both are set;
- after SIGKILL it repeats a job only after its timeout: the sweep rings again with a new id much sooner.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.kit.db import Bell

log = structlog.get_logger()

JOB_NAME = "deliver"
POLL_SECONDS = 0.05  # 1,087 jobs of 50 ms a second with 100 slots, against 20 a second with arq's defaults
EXPIRES_MS = 7 * 24 * 3600 * 1000  # a bell may wait out a long weekend; the ledger outlives it anyway
STOP_GRACE_SECONDS = 10

Deliver = Callable[[str, UUID], Awaitable[object]]


class Queue(Protocol):
    """Rings consumers; losing a ring is allowed."""

    async def ring(self, bells: Sequence[Bell]) -> None: ...

    async def close(self) -> None: ...


class MemoryQueue:
    """A queue for tests of producers: remembers what was rung."""

    def __init__(self) -> None:
        self.rung: list[Bell] = []

    async def ring(self, bells: Sequence[Bell]) -> None:
        self.rung.extend(bells)

    async def close(self) -> None:
        """Nothing is open."""


def redis_settings(url: str) -> RedisSettings:
    """Arq's connection settings that survive a restart of Redis."""
    settings = RedisSettings.from_dsn(url)
    settings.retry = Retry(ExponentialBackoff(cap=2, base=0.05), 8)
    settings.retry_on_error = [RedisConnectionError, RedisTimeoutError, OSError]
    settings.retry_on_timeout = True
    return settings


def queue_name(consumer: str) -> str:
    return f"tieout:{consumer}"


class RedisQueue:
    """Rings through arq. Connects on first use, so a service starts while Redis is away."""

    def __init__(self, url: str) -> None:
        self._settings = redis_settings(url)
        # A ring that cannot be delivered at once is left to the sweep; no request waits for Redis.
        self._settings.retry = Retry(ExponentialBackoff(cap=0.2, base=0.05), 1)
        self._settings.conn_retries = 0
        self._pool: ArqRedis | None = None
        self._connecting = asyncio.Lock()

    async def ring(self, bells: Sequence[Bell]) -> None:
        try:
            pool = await self._connected()
            for bell in bells:
                await pool.enqueue_job(
                    JOB_NAME, str(bell.event_id), _queue_name=queue_name(bell.consumer), _expires=EXPIRES_MS / 1000
                )
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            log.warning("could not ring, the sweep will", error=str(error), bells=len(bells))

    async def _connected(self) -> ArqRedis:
        async with self._connecting:
            if self._pool is None:
                self._pool = await create_pool(
                    self._settings, job_serializer=orjson.dumps, job_deserializer=orjson.loads
                )
            return self._pool

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()


def build_worker(url: str, consumer: str, deliver: Deliver, *, slots: int, job_seconds: int) -> Worker:
    """An arq worker for one consumer's queue.

    Args:
        deliver: called with consumer and event id; must not raise.
        slots: deliveries handled at once.
        job_seconds: after this long a delivery is cancelled and goes back to the ledger.
    """

    async def run(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None:  # noqa: ARG001 - arq's own protocol
        try:
            await deliver(consumer, UUID(args[0]))
        except Exception:
            log.exception("delivery could not be recorded, the sweep will ring again", consumer=consumer)

    return Worker(
        functions=[func(run, name=JOB_NAME, keep_result=0, timeout=job_seconds, max_tries=1_000_000)],
        queue_name=queue_name(consumer),
        redis_settings=redis_settings(url),
        handle_signals=False,
        max_jobs=slots,
        job_timeout=job_seconds,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        job_completion_wait=STOP_GRACE_SECONDS,
        max_tries=1_000_000,
        health_check_key=f"{queue_name(consumer)}:health",
        job_serializer=orjson.dumps,
        job_deserializer=orjson.loads,
    )


async def serve_forever(make_worker: Callable[[], Worker]) -> None:
    """Run a worker until cancelled, with a new one whenever it dies of a lost Redis."""
    while True:
        worker = make_worker()
        try:
            await worker.async_run()
        except asyncio.CancelledError:
            await _close(worker)
            raise
        except Exception as error:  # noqa: BLE001 - arq ends on any connection trouble; the next one may live
            log.warning("queue worker stopped, starting another", error=f"{type(error).__name__}: {error}")
        await _close(worker)
        await asyncio.sleep(0.5)


async def _close(worker: Worker) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(worker.close(), timeout=STOP_GRACE_SECONDS)
