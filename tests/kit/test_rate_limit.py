"""All workers of an account keep one pace, obey one Retry-After, and go on when Redis is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.kit.ledger.work import LEASE_SECONDS
from services.kit.upstream.rates import Pace, RateLimiter

KEY = "connectwise:site:company"
Limiters = tuple[RateLimiter, RateLimiter]


class FakeTime:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture(params=["shared", "local"])
async def limiters(request: pytest.FixtureRequest, redis_url: str, time: FakeTime) -> AsyncIterator[Limiters]:
    """Two workers' limiters over one bucket: shared in Redis, or one in-process limiter twice."""
    pace = Pace(per_minute=60, burst=2, in_flight=2, slowest=6, fastest=120)
    if request.param == "local":
        one = RateLimiter(None, pace=pace, seconds=time, sleep=time.sleep)
        yield one, one
        return
    async with Redis.from_url(redis_url) as redis:
        first, second = (RateLimiter(redis, pace=pace, seconds=time, sleep=time.sleep) for _ in range(2))
        yield first, second


class TestSlot:
    async def test_beyond_the_burst_calls_come_at_the_pace_of_the_account(
        self, limiters: Limiters, time: FakeTime
    ) -> None:
        started = time.now
        for turn in range(6):
            async with limiters[turn % 2].slot(KEY):
                pass
        # Two from the burst, four at about one a second: each call that went well quickens the pace a little.
        assert 3.5 <= time.now - started <= 4.1

    async def test_no_more_calls_are_in_flight_than_allowed(self, limiters: Limiters, time: FakeTime) -> None:
        flying = highest = 0
        pair = asyncio.Barrier(2)

        async def call(limiter: RateLimiter) -> None:
            nonlocal flying, highest
            async with limiter.slot(KEY):
                flying += 1
                highest = max(highest, flying)
                await pair.wait()
                flying -= 1

        await asyncio.gather(*(call(limiters[number % 2]) for number in range(8)))
        assert highest == 2

    async def test_a_clock_set_back_does_not_stop_the_calls(self, limiters: Limiters, time: FakeTime) -> None:
        for _ in range(2):
            async with limiters[0].slot(KEY):
                pass
        time.now -= 600
        started = time.now
        async with limiters[1].slot(KEY):
            pass
        assert time.now - started <= 1.1

    async def test_accounts_do_not_slow_each_other(self, limiters: Limiters, time: FakeTime) -> None:
        await limiters[0].slow_down(KEY, 60)
        async with limiters[1].slot("another account"):
            pass
        assert time.slept == []


class TestSlowDown:
    async def test_retry_after_holds_back_every_worker(self, limiters: Limiters, time: FakeTime) -> None:
        started = time.now
        await limiters[0].slow_down(KEY, 30)
        async with limiters[1].slot(KEY):
            pass
        assert time.now - started >= 30

    async def test_the_pace_halves_once_for_a_burst_of_refusals(self, limiters: Limiters, time: FakeTime) -> None:
        for limiter in limiters:
            await limiter.slow_down(KEY, 10)
        time.now += 10
        async with limiters[0].slot(KEY):
            pass
        waited = time.now
        async with limiters[1].slot(KEY):
            pass
        assert 1.9 <= time.now - waited <= 2.1  # 30 a minute, not 15


class TestWithoutRedis:
    async def test_calls_go_on_at_half_the_pace(self, time: FakeTime) -> None:
        nowhere = Redis.from_url("redis://127.0.0.1:1/0")
        limiter = RateLimiter(nowhere, pace=Pace(per_minute=60, burst=1), seconds=time, sleep=time.sleep)
        started = time.now
        for _ in range(3):
            async with limiter.slot(KEY):
                pass
        await nowhere.aclose()
        assert 3.5 <= time.now - started <= 4.1

    async def test_a_dead_worker_gives_its_slot_back(self, redis_url: str, time: FakeTime) -> None:
        pace = Pace(in_flight=1, lease_seconds=5)
        async with Redis.from_url(redis_url) as redis:
            dead, living = (RateLimiter(redis, pace=pace, seconds=time, sleep=time.sleep) for _ in range(2))
            never_ended = dead.slot(KEY)
            await never_ended.__aenter__()
            started = time.now
            async with living.slot(KEY):
                pass
            waited = time.now - started
            await never_ended.__aexit__(None, None, None)
        assert 4.9 <= waited <= 5.2


class TestACallThatTakesLong:
    async def test_it_keeps_its_slot_beyond_the_lease(self, redis_url: str) -> None:
        pace = Pace(in_flight=1, lease_seconds=0.3)
        async with Redis.from_url(redis_url) as redis:
            one, other = RateLimiter(redis, pace=pace), RateLimiter(redis, pace=pace)
            async with one.slot(KEY):
                await asyncio.sleep(1)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.1), other.slot(KEY):
                        pass
            async with asyncio.timeout(0.2), other.slot(KEY):
                pass

    async def test_a_dead_workers_slot_is_free_when_its_job_is(self) -> None:
        assert Pace().lease_seconds <= LEASE_SECONDS
