"""The doorbell, and the only importer of arq.

A message is a few ids of events or jobs; what must happen stands in the ledger. arq loses or repeats work in several
ways, all measured, and each is dealt with here:

- it pickles payloads: JSON serializers are set;
- it deletes jobs whose function a worker does not know: every queue has one job name for ever, `deliver`;
- it does not retry exceptions and counts restarts as tries: `deliver` never raises, retries live in the
  ledger, `max_tries` only bounds cancellations;
- a finished id blocks its successor while its result lives: `keep_result=0` and no job ids of ours;
- its settings class drops misspelt and inherited names: `Worker` is built by keyword, which raises;
- a restarted Redis ends it even with retries on: `OSError` is retried too, and `serve_forever` restarts it;
- it takes as many jobs as it has slots, then sleeps: 4 slots did 40 effects a second. So it takes messages
  ahead, and a semaphore of ours keeps the slots;
- it spends seven round trips and a millisecond on a job: up to BELLS_PER_MESSAGE of one commit share one;
- after SIGKILL it repeats a job only after its timeout: the sweep rings again with a new id much sooner;
- its close stops at the first job that failed, and leaves the others and its connections: `_stop` is ours.
"""

import asyncio
import contextlib
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID, uuid4

import orjson
import structlog
from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms
from arq.worker import Worker, func
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.kit.base.db import Bell

log = structlog.get_logger()

JOB_NAME = "deliver"
POLL_SECONDS = 0.05  # two idle queues polled so often cost 1.6 % of a core; a bell waits 25 ms on average
EXPIRES_MS = 24 * 3600 * 1000  # a message that nobody took for a day; the sweep has sent many others since
STOP_GRACE_SECONDS = 10
RING_SECONDS = 0.5  # a request has committed and waits for nothing but this; a ring takes about a millisecond
QUIET_SECONDS = 2.0  # after a failed ring nobody rings for so long: else each request would wait RING_SECONDS
BELLS_PER_MESSAGE = 20
MOST_WAITING = 10_000  # messages in a queue that nobody empties: beyond that, no more are added to Redis
KEEP_ALIVE = {socket.TCP_KEEPIDLE: 15, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}
WORKER_CONNECT_SECONDS = 5.0
WORKER_PATIENCE = 40  # tries, about a minute: longer than a restart, so that running jobs notice nothing

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


def queue_name(consumer: str) -> str:
    return f"tieout:{consumer}"


def bells_per_message(consumer: str) -> int:
    """Long work goes one by one, so that an idle worker never waits for a busy one's message."""
    return 1 if consumer.endswith(".runs") else BELLS_PER_MESSAGE


def _as_json(value: object) -> bytes:
    """Also of the exceptions in results that arq writes, and then does not keep."""
    return orjson.dumps(value, default=repr)


def _connect(url: str, retry: Retry, seconds: float) -> ArqRedis:
    """A pool that connects on first use, so that a service starts while Redis is away.

    Without a socket time-out, which would cost cancellations (see `kit.base.deadline.end`): keep-alive notices
    a Redis host that vanished without closing its connections.
    """
    redis: ArqRedis = ArqRedis.from_url(
        url,
        socket_connect_timeout=seconds,
        socket_keepalive=True,
        socket_keepalive_options=KEEP_ALIVE,
        retry=retry,
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],  # a refused connection is an OSError
    )
    redis.job_serializer = _as_json
    redis.job_deserializer = orjson.loads
    return redis


class RedisQueue:
    """Rings arq's workers: all rings of a commit in one round trip, bounded in time, never raising."""

    def __init__(self, url: str) -> None:
        self._redis = _connect(url, Retry(NoBackoff(), 1), RING_SECONDS)
        self._quiet_until = 0.0
        self._waiting: dict[str, int] = {}

    async def ring(self, bells: Sequence[Bell]) -> None:
        """Ring; what cannot be rung within RING_SECONDS is left to the sweep, because the event is committed."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._quiet_until:
            return
        try:
            async with asyncio.timeout(RING_SECONDS):
                await self._ring(bells)
        except (RedisError, OSError, TimeoutError) as error:
            self._quiet_until = loop.time() + QUIET_SECONDS
            log.warning("could not ring, the sweep will", error=f"{type(error).__name__}: {error}", bells=len(bells))

    async def _ring(self, bells: Sequence[Bell]) -> None:
        events: dict[str, list[UUID]] = defaultdict(list)
        for bell in bells:
            events[bell.consumer].append(bell.task_id)
        async with self._redis.pipeline(transaction=False) as pipe:
            for consumer, event_ids in events.items():
                if self._waiting.get(consumer, 0) < MOST_WAITING:
                    _add(pipe, consumer, event_ids)
            for consumer in events:
                pipe.zcard(queue_name(consumer))
            answers = await pipe.execute()
        self._waiting.update(zip(events, answers[-len(events) :], strict=True))

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)


def _add(pipe: Pipeline, consumer: str, event_ids: Sequence[UUID]) -> None:
    """What arq's `enqueue_job` does, without its two round trips for each job."""
    now = timestamp_ms()
    size = bells_per_message(consumer)
    for start in range(0, len(event_ids), size):
        job_id, args = uuid4().hex, tuple(str(each) for each in event_ids[start : start + size])
        body = serialize_job(JOB_NAME, args, {}, None, now, serializer=_as_json)
        pipe.psetex(job_key_prefix + job_id, EXPIRES_MS, body)
        pipe.zadd(queue_name(consumer), {job_id: now})


def build_worker(url: str, consumer: str, deliver: Deliver, *, slots: int, job_seconds: int, ahead: int = 0) -> Worker:
    """An arq worker for one consumer's queue.

    Args:
        deliver: called with consumer and event id; bounds its own time and must not raise.
        slots: deliveries handled at once.
        job_seconds: arq's own limit, counted from when a bell is taken; should never be reached.
        ahead: messages taken beyond the slots. They wait here, where no other worker can take them.
    """
    room = asyncio.Semaphore(slots)

    async def deliver_one(event_id: str) -> None:
        try:
            async with room:
                await deliver(consumer, UUID(event_id))
        except Exception:
            log.exception("delivery could not be recorded, the sweep will ring again", consumer=consumer)

    async def run(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None:  # noqa: ARG001 - arq's own protocol
        await asyncio.gather(*(deliver_one(each) for each in args))

    patience = Retry(ExponentialBackoff(cap=2, base=0.05), WORKER_PATIENCE)
    return Worker(
        functions=[func(run, name=JOB_NAME, keep_result=0, timeout=job_seconds, max_tries=1_000_000)],
        queue_name=queue_name(consumer),
        redis_pool=_connect(url, patience, WORKER_CONNECT_SECONDS),
        handle_signals=False,
        max_jobs=slots + ahead,
        job_timeout=job_seconds,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        max_tries=1_000_000,
        health_check_key=f"{queue_name(consumer)}:health",
        job_serializer=_as_json,
        job_deserializer=orjson.loads,
    )


async def serve_forever(make_worker: Callable[[], Worker]) -> None:
    """Run a worker until cancelled, with a new one whenever it dies of a lost Redis."""
    while True:
        worker = make_worker()
        running = asyncio.create_task(worker.async_run())
        try:
            await asyncio.wait({running})
            error = None if running.cancelled() else running.exception()
            log.warning("queue worker stopped, starting another", error=f"{type(error).__name__}: {error}")
        finally:
            await _stop(worker, running)
        await asyncio.sleep(0.5)


async def _stop(worker: Worker, running: "asyncio.Task[None]") -> None:
    """Cancel the jobs, wait until they have handed their work back, and close the connections.

    Only the jobs are cancelled. arq's tasks around them shield what they still write to Redis, and its loop
    may be anywhere: cancelled, both leave connections behind. The loop is told that it has done its share.
    """
    worker.burst, worker.max_burst_jobs = True, 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STOP_GRACE_SECONDS):
            while left := {task for task in (running, *worker.tasks.values()) if not task.done()}:
                for job in worker.job_tasks.values():
                    if not job.cancelling():
                        job.cancel()
                await asyncio.wait(left, timeout=POLL_SECONDS)
    running.cancel()  # of no effect unless Redis is away, or a job will not end
    await asyncio.wait({running}, timeout=1)
    await asyncio.gather(*(task for task in worker.tasks.values() if task.done()), return_exceptions=True)
    with contextlib.suppress(RedisError, OSError):
        await worker.pool.aclose(close_connection_pool=True)
