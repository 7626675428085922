"""Each of arq's traps that `kit/ledger/queue.py` names, sprung on a real Valkey."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from arq.worker import Worker
from redis.asyncio import Redis

from deploy.local.servers import ValkeyServer
from services.kit.base.db import Bell
from services.kit.ledger import queue
from services.kit.ledger.queue import (
    BELLS_PER_MESSAGE,
    JOB_NAME,
    RING_SECONDS,
    MemoryQueue,
    RedisQueue,
    build_worker,
    queue_name,
    serve_forever,
)
from tests.kit.conftest import until

BILLING = queue_name("billing")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine loses bells by design; these tests have no sweep to ring again."""
    monkeypatch.setattr(queue, "RING_SECONDS", 20.0)


@pytest.fixture
async def bell(redis_url: str, patience: None) -> AsyncIterator[RedisQueue]:
    one = RedisQueue(redis_url)
    yield one
    await one.close()


class Deliveries:
    """What a worker was asked to deliver."""

    def __init__(self) -> None:
        self.seen: list[UUID] = []
        self.running = 0
        self.most_running = 0
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, consumer: str, event_id: UUID) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.may_end.wait()
            self.seen.append(event_id)
        finally:
            self.running -= 1


Serve = Callable[..., "asyncio.Task[None]"]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve a queue until the test ends or its task is cancelled."""
    tasks: list[asyncio.Task[None]] = []

    def start(url: str, deliver: queue.Deliver, consumer: str = "billing", **options: Any) -> "asyncio.Task[None]":
        settings = {"slots": 4, "job_seconds": 60} | options
        tasks.append(asyncio.create_task(serve_forever(partial(build_worker, url, consumer, deliver, **settings))))
        return tasks[-1]

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def bells_for(consumer: str, count: int) -> list[Bell]:
    return [Bell(consumer, uuid4()) for _ in range(count)]


class TestRing:
    async def test_a_message_is_json_and_carries_event_ids_only(self, bell: RedisQueue, redis: Redis) -> None:
        event_id = uuid4()

        await bell.ring([Bell("billing", event_id)])

        (job_id,) = await redis.zrange(BILLING, 0, -1)
        message = orjson.loads(await redis.get(f"arq:job:{job_id.decode()}"))
        assert (message["f"], message["a"], message["k"]) == (JOB_NAME, [str(event_id)], {})

    async def test_the_bells_of_one_commit_share_messages(self, bell: RedisQueue, redis: Redis) -> None:
        await bell.ring([*bells_for("billing", 200), *bells_for("audit", 200)])

        assert await redis.zcard(BILLING) == await redis.zcard(queue_name("audit")) == 200 / BELLS_PER_MESSAGE

    async def test_long_work_goes_one_by_one(self, bell: RedisQueue, redis: Redis) -> None:
        await bell.ring(bells_for("sync.runs", 3))

        assert await redis.zcard(queue_name("sync.runs")) == 3

    async def test_a_message_nobody_takes_goes_away_after_a_day(self, bell: RedisQueue, redis: Redis) -> None:
        await bell.ring(bells_for("billing", 1))

        (key,) = await redis.keys("arq:job:*")
        assert 86_000_000 < await redis.pttl(key) <= 86_400_000

    async def test_a_queue_that_nobody_empties_stops_growing(
        self, bell: RedisQueue, redis: Redis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "MOST_WAITING", 3)
        for _ in range(6):
            await bell.ring([*bells_for("billing", 1), *bells_for("audit", 1)])
        assert await redis.zcard(BILLING) == 3

        await redis.delete(BILLING)
        for _ in range(2):
            await bell.ring(bells_for("billing", 1))
        assert await redis.zcard(BILLING) == 1

    async def test_a_memory_queue_remembers(self) -> None:
        memory, bells = MemoryQueue(), bells_for("billing", 2)

        await memory.ring(bells)
        await memory.close()

        assert memory.rung == bells


async def _ring(bell: RedisQueue) -> None:
    """Ring once. Who waits for a Redis that never answers, or for one that is not there, fails."""
    async with asyncio.timeout(RING_SECONDS + 30):
        await bell.ring(bells_for("billing", 1))


class TestRingWithoutRedis:
    """The event is committed by then: nobody may fail, or wait, for the doorbell."""

    async def test_an_unreachable_redis_costs_nothing(
        self, free_port: Callable[[], int], logged: list[dict[str, Any]]
    ) -> None:
        bell = RedisQueue(f"redis://127.0.0.1:{free_port()}/0")

        await _ring(bell)
        await bell.close()

        assert [entry["event"] for entry in logged] == ["could not ring, the sweep will"]

    async def test_a_redis_that_hangs_holds_up_one_request_for_half_a_second(self) -> None:
        connections: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(lambda _, writer: connections.append(writer), "127.0.0.1", 0)
        bell = RedisQueue(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")

        began = time.monotonic()
        await _ring(bell)
        assert time.monotonic() - began > RING_SECONDS * 0.9
        asked = len(connections)
        await _ring(bell)
        assert len(connections) == asked, "the next request leaves the hanging Redis alone"

        await bell.close()
        for connection in connections:
            connection.close()
        server.close()
        await server.wait_closed()

    async def test_a_refused_command_is_no_ones_error(self, bell: RedisQueue, redis: Redis) -> None:
        await redis.set(BILLING, "not a queue")

        await bell.ring(bells_for("billing", 1))

    async def test_it_rings_again_once_redis_is_back(
        self, own_valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "QUIET_SECONDS", 0.0)
        bell = RedisQueue(own_valkey.url())
        await bell.ring(bells_for("billing", 1))
        own_valkey.stop()
        await bell.ring(bells_for("billing", 1))
        own_valkey.start()

        await bell.ring(bells_for("billing", 1))

        await bell.close()
        async with Redis.from_url(own_valkey.url()) as client:
            assert await client.zcard(BILLING) == 2


class TestWorker:
    async def test_every_bell_is_delivered_to_its_consumer(
        self, bell: RedisQueue, redis_url: str, redis: Redis, serve: Serve
    ) -> None:
        deliveries, bells = Deliveries(), bells_for("billing", 45)
        await bell.ring([*bells, *bells_for("audit", 5)])

        serve(redis_url, deliveries)
        await until(lambda: len(deliveries.seen) == 45)

        assert set(deliveries.seen) == {each.task_id for each in bells}

        async def is_empty() -> bool:
            return not await redis.exists(BILLING)

        await until(is_empty)
        assert await redis.zcard(queue_name("audit")) == 1
        assert await redis.keys("arq:result:*") == [], "a kept result would bar its successor"

    async def test_a_misspelt_option_is_an_error(self, redis_url: str) -> None:
        build: Any = build_worker

        with pytest.raises(TypeError, match="slot"):
            build(redis_url, "billing", Deliveries(), slot=4, job_seconds=60)
        with pytest.raises(TypeError, match="max_job"):
            Worker(functions=[Deliveries()], max_job=4)  # type: ignore[call-arg,list-item]

    async def test_slots_hold_however_many_messages_are_taken_ahead(
        self, bell: RedisQueue, redis_url: str, serve: Serve
    ) -> None:
        deliveries = Deliveries()
        deliveries.may_end.clear()
        for _ in range(10):
            await bell.ring(bells_for("billing", 5))

        serve(redis_url, deliveries, slots=3, ahead=28)
        await until(lambda: deliveries.running == 3)
        deliveries.may_end.set()
        await until(lambda: len(deliveries.seen) == 50)

        assert deliveries.most_running == 3

    async def test_one_look_takes_more_than_its_slots(self, bell: RedisQueue, redis_url: str) -> None:
        """arq alone takes as many as it has slots, 20 times a second: 25 s for a thousand."""
        deliveries = Deliveries()
        deliveries.may_end.clear()
        for _ in range(40):
            await bell.ring(bells_for("billing", 1))
        worker = build_worker(redis_url, "billing", deliveries, slots=4, job_seconds=60, ahead=28)

        await worker._poll_iteration()
        deliveries.may_end.set()
        await asyncio.wait(worker.tasks.values())

        assert len(deliveries.seen) == 4 + 28
        assert deliveries.most_running <= 4
        await worker.pool.aclose(close_connection_pool=True)

    async def test_a_delivery_that_raises_harms_no_other(
        self, bell: RedisQueue, redis_url: str, serve: Serve, logged: list[dict[str, Any]]
    ) -> None:
        deliveries, bells = Deliveries(), bells_for("billing", 3)

        async def deliver(consumer: str, event_id: UUID) -> None:
            if event_id == bells[0].task_id:
                raise RuntimeError("the database is away, so the failure cannot be noted")
            await deliveries(consumer, event_id)

        serve(redis_url, deliver)
        await bell.ring(bells)
        await until(lambda: len(deliveries.seen) == 2)

        assert [entry["event"] for entry in logged] == ["delivery could not be recorded, the sweep will ring again"]

    async def test_what_cannot_be_read_as_an_event_id_is_dropped(
        self, bell: RedisQueue, redis_url: str, redis: Redis, serve: Serve, logged: list[dict[str, Any]]
    ) -> None:
        deliveries = Deliveries()
        await redis.set("arq:job:x", orjson.dumps({"t": None, "f": JOB_NAME, "a": ["no id"], "k": {}, "et": 1}))
        await redis.zadd(BILLING, {"x": 1})
        await bell.ring(bells_for("billing", 1))

        serve(redis_url, deliveries)
        await until(lambda: len(deliveries.seen) == 1 and len(logged) == 1)

    async def test_a_message_that_lost_its_body_does_not_end_the_worker(
        self, bell: RedisQueue, redis_url: str, redis: Redis, serve: Serve
    ) -> None:
        deliveries = Deliveries()
        await bell.ring(bells_for("billing", 1))
        await redis.delete(*await redis.keys("arq:job:*"))

        serve(redis_url, deliveries)
        await bell.ring(bells_for("billing", 1))
        await until(lambda: len(deliveries.seen) == 1)

    async def test_a_flushed_redis_does_not_end_the_worker(
        self, bell: RedisQueue, redis_url: str, redis: Redis, serve: Serve
    ) -> None:
        deliveries = Deliveries()
        deliveries.may_end.clear()
        serve(redis_url, deliveries)
        await bell.ring(bells_for("billing", 30))
        await until(lambda: deliveries.running == 4)

        await redis.flushdb()
        deliveries.may_end.set()
        await bell.ring(bells_for("billing", 1))

        await until(lambda: len(deliveries.seen) == 31)

    async def test_a_stopped_workers_messages_go_to_the_next_one_at_once(
        self, bell: RedisQueue, redis_url: str, serve: Serve
    ) -> None:
        held, deliveries, bells = Deliveries(), Deliveries(), bells_for("billing", 30)
        held.may_end.clear()
        first = serve(redis_url, held, ahead=28)
        await bell.ring(bells)
        await until(lambda: held.running == 4)

        first.cancel()
        await asyncio.wait({first})
        assert held.running == 0
        serve(redis_url, deliveries)

        await until(lambda: len(deliveries.seen) == 30)

    async def test_a_delivery_that_will_not_end_does_not_hold_up_the_stop(
        self, bell: RedisQueue, redis_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queue, "STOP_GRACE_SECONDS", 0.1)
        is_running, may_end = asyncio.Event(), asyncio.Event()

        async def stubborn(_consumer: str, _event_id: UUID) -> None:
            is_running.set()
            while not may_end.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await may_end.wait()

        worker = build_worker(redis_url, "billing", stubborn, slots=1, job_seconds=60)
        serving = asyncio.create_task(serve_forever(lambda: worker))
        await bell.ring(bells_for("billing", 1))
        await is_running.wait()

        serving.cancel()
        await asyncio.wait({serving}, timeout=3)

        assert serving.done()
        may_end.set()
        await asyncio.wait(worker.tasks.values())
        await worker.pool.aclose(close_connection_pool=True)


@pytest.mark.faults
@pytest.mark.usefixtures("patience")
class TestRedisRestart:
    async def test_a_worker_survives_and_its_running_delivery_notices_nothing(
        self, own_valkey: ValkeyServer, serve: Serve
    ) -> None:
        deliveries, bell = Deliveries(), RedisQueue(own_valkey.url())
        deliveries.may_end.clear()
        serving = serve(own_valkey.url(), deliveries)
        first, second = bells_for("billing", 2)
        await bell.ring([first])
        await until(lambda: deliveries.running == 1)

        own_valkey.stop()
        own_valkey.start()
        deliveries.may_end.set()
        await until(lambda: deliveries.seen == [first.task_id])
        await bell.ring([second])

        await until(lambda: deliveries.seen[-1] == second.task_id)
        assert not serving.done()
        await bell.close()

    async def test_when_a_worker_runs_out_of_patience_another_takes_its_place(
        self,
        own_valkey: ValkeyServer,
        serve: Serve,
        logged: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(queue, "WORKER_PATIENCE", 0)
        monkeypatch.setattr(queue, "QUIET_SECONDS", 0.0)
        deliveries, bell = Deliveries(), RedisQueue(own_valkey.url())
        serve(own_valkey.url(), deliveries)
        await bell.ring(bells_for("billing", 1))
        await until(lambda: len(deliveries.seen) == 1)

        own_valkey.kill()
        await until(lambda: len(logged) >= 2)
        own_valkey.start()
        await bell.ring(bells_for("billing", 1))

        await until(lambda: len(deliveries.seen) == 2)
        assert {entry["event"] for entry in logged} == {"queue worker stopped, starting another"}
        await bell.close()
