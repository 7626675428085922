"""One pace per upstream account, shared by every worker: a token bucket and a ceiling on calls in flight.

The bucket lives in Redis, so that ten workers together are as fast as one may be. A 429 stops everybody for as
long as the server asked and halves the pace; each successful call raises it a little. While Redis is away each
process keeps a bucket of its own at half the pace, because it cannot see what the others do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.kit.base import clock
from services.kit.base.deadline import end
from services.kit.base.ids import new_id
from services.kit.upstream.retry import Sleep

log = structlog.get_logger()

Seconds = Callable[[], float]

GRANTED = -1
REDIS_PAUSE = 5.0  # seconds before a lost Redis is asked again
SKEW = 5  # seconds; a clock set back further must not stop the bucket until it has caught up


@dataclass(frozen=True)
class Pace:
    """How fast one account may be used. ConnectWise documents trouble above 1,000 calls a minute."""

    per_minute: float = 600
    slowest: float = 30
    fastest: float = 900
    burst: float = 10
    in_flight: int = 4
    lease_seconds: float = 20
    """A call of a process that died counts as in flight this long; a living process prolongs it every third of that.
    As long as a job's lease, so that whoever takes the job over finds the slots free."""

    @property
    def win_back(self) -> float:
        """Calls per minute added after each successful call; about 600 successes restore the initial rate."""
        return self.per_minute / 600


def _seconds() -> float:
    return clock.now().timestamp()


class Script(Protocol):
    async def __call__(self, keys: Sequence[str], args: Sequence[str | float]) -> Any: ...


# KEYS: bucket, in-flight set. ARGV: now, call id, per minute, burst, in flight, lease, slowest, fastest, win back.
_ACQUIRE = """
local now, rate = tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'rate') or ARGV[3])
local blocked = tonumber(redis.call('HGET', KEYS[1], 'blocked') or 0)
if blocked > now then return tostring(blocked - now) end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then return '0.02' end
local burst = tonumber(ARGV[4])
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens') or burst)
local seen = tonumber(redis.call('HGET', KEYS[1], 'seen') or now)
if seen > now + SKEW then seen = now end
tokens = math.min(burst, tokens + math.max(0, now - seen) * rate / 60)
local granted = tokens >= 1
if granted then
  tokens = tokens - 1
  redis.call('ZADD', KEYS[2], now + tonumber(ARGV[6]), ARGV[2])
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'seen', tostring(math.max(now, seen)), 'rate', tostring(rate))
redis.call('EXPIRE', KEYS[1], 3600)
redis.call('EXPIRE', KEYS[2], 3600)
if granted then return '-1' end
return tostring((1 - tokens) * 60 / rate)
""".replace("SKEW", str(SKEW))

_PROLONG = "redis.call('ZADD', KEYS[2], tonumber(ARGV[1]) + tonumber(ARGV[6]), ARGV[2])"

_RELEASE = """
redis.call('ZREM', KEYS[2], ARGV[2])
local rate = tonumber(redis.call('HGET', KEYS[1], 'rate') or ARGV[3])
redis.call('HSET', KEYS[1], 'rate', tostring(math.min(tonumber(ARGV[8]), rate + tonumber(ARGV[9]))))
"""

# Only the first 429 of a burst halves the pace: the others were already in flight.
_SLOW_DOWN = """
local now, rate = tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'rate') or ARGV[3])
local blocked = tonumber(redis.call('HGET', KEYS[1], 'blocked') or 0)
if blocked <= now then rate = math.max(tonumber(ARGV[7]), rate / 2) end
blocked = tostring(math.max(blocked, now + tonumber(ARGV[2])))
redis.call('HSET', KEYS[1], 'rate', tostring(rate), 'blocked', blocked, 'tokens', '1', 'seen', blocked)
redis.call('EXPIRE', KEYS[1], 3600)
"""


class RateLimiter:
    """Paces calls by account key.

    Args:
        redis: where the bucket is shared; None keeps it in this process.
        seconds: the time, from any fixed point that all workers share.
    """

    def __init__(
        self,
        redis: "Redis | None",
        *,
        pace: Pace | None = None,
        seconds: Seconds = _seconds,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.pace = pace or Pace()
        self._seconds = seconds
        self._sleep = sleep
        self._shared = _SharedBuckets(redis, self.pace) if redis is not None else None
        self._local = _LocalBuckets(self.pace, share=0.5 if redis is not None else 1.0)
        self._redis_back_at = 0.0

    @asynccontextmanager
    async def slot(self, key: str) -> AsyncIterator[None]:
        """Wait for a slot, and occupy it for the length of one call."""
        call = str(new_id())
        buckets = await self._wait_for_turn(key, call)
        prolonging = asyncio.create_task(self._prolong(buckets, key, call))
        try:
            yield
        finally:
            await end(prolonging)  # before the release, or a late prolongation would take the slot again
            await self._release(buckets, key, call)

    async def slow_down(self, key: str, retry_after: float) -> None:
        """Hold back everybody who uses this account for `retry_after` seconds."""
        self._local.slow_down(key, self._seconds(), retry_after)
        if self._shared is not None:
            try:
                await self._shared.slow_down(key, self._seconds(), retry_after)
            except (RedisError, OSError) as fault:
                self._lose_redis(fault)

    async def _wait_for_turn(self, key: str, call: str) -> "_SharedBuckets | _LocalBuckets":
        while True:
            buckets, wait = await self._ask(key, call)
            if wait < 0:
                return buckets
            await self._sleep(max(wait, 0.001))

    async def _ask(self, key: str, call: str) -> "tuple[_SharedBuckets | _LocalBuckets, float]":
        now = self._seconds()
        if self._shared is not None and now >= self._redis_back_at:
            try:
                return self._shared, await self._shared.acquire(key, now, call)
            except (RedisError, OSError) as fault:
                self._lose_redis(fault)
        return self._local, self._local.acquire(key, now, call)

    async def _prolong(self, buckets: "_SharedBuckets | _LocalBuckets", key: str, call: str) -> None:
        """Keep a call's slot while it is in flight. A Redis that is away loses the slot, and nothing more."""
        while isinstance(buckets, _SharedBuckets):
            await asyncio.sleep(self.pace.lease_seconds / 3)
            try:
                await buckets.prolong(key, self._seconds(), call)
            except (RedisError, OSError) as fault:
                self._lose_redis(fault)

    async def _release(self, buckets: "_SharedBuckets | _LocalBuckets", key: str, call: str) -> None:
        if isinstance(buckets, _LocalBuckets):
            buckets.release(key, call)
            return
        try:
            await buckets.release(key, self._seconds(), call)
        except (RedisError, OSError) as fault:
            # The slot is not lost: its lease runs out.
            self._lose_redis(fault)

    def _lose_redis(self, fault: Exception) -> None:
        self._redis_back_at = self._seconds() + REDIS_PAUSE
        log.warning("rate limit kept per process, Redis is away", error=str(fault))


class _SharedBuckets:
    def __init__(self, redis: "Redis", pace: Pace) -> None:
        self._pace = pace
        self._acquire = redis.register_script(_ACQUIRE)
        self._prolong = redis.register_script(_PROLONG)
        self._release = redis.register_script(_RELEASE)
        self._slow_down = redis.register_script(_SLOW_DOWN)

    async def acquire(self, key: str, now: float, call: str) -> float:
        return float(await self._run(self._acquire, key, now, call))

    async def prolong(self, key: str, now: float, call: str) -> None:
        await self._run(self._prolong, key, now, call)

    async def release(self, key: str, now: float, call: str) -> None:
        await self._run(self._release, key, now, call)

    async def slow_down(self, key: str, now: float, retry_after: float) -> None:
        await self._run(self._slow_down, key, now, retry_after)

    async def _run(self, script: Script, key: str, now: float, second: str | float) -> Any:
        pace = self._pace
        limits = (pace.per_minute, pace.burst, pace.in_flight, pace.lease_seconds)
        bounds = (pace.slowest, pace.fastest, pace.win_back)
        # The braces keep both keys in one slot of a Redis Cluster.
        names = [f"tieout:pace:{{{key}}}", f"tieout:pace:{{{key}}}:in-flight"]
        return await script(keys=names, args=[now, second, *limits, *bounds])


@dataclass
class _Bucket:
    rate: float
    tokens: float
    seen: float
    blocked: float = 0.0


class _LocalBuckets:
    """The same bucket within one process, at `share` of the pace."""

    def __init__(self, pace: Pace, share: float) -> None:
        self._pace = pace
        self._share = share
        self._buckets: dict[str, _Bucket] = {}
        self._in_flight: dict[str, set[str]] = {}

    def acquire(self, key: str, now: float, call: str) -> float:
        bucket = self._bucket(key, now)
        if bucket.blocked > now:
            return bucket.blocked - now
        flying = self._in_flight.setdefault(key, set())
        if len(flying) >= self._pace.in_flight:
            return 0.02
        if bucket.seen > now + SKEW:
            bucket.seen = now
        gained = max(0.0, now - bucket.seen) * bucket.rate / 60
        bucket.tokens, bucket.seen = min(self._pace.burst, bucket.tokens + gained), now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) * 60 / bucket.rate
        bucket.tokens -= 1
        flying.add(call)
        return GRANTED

    def release(self, key: str, call: str) -> None:
        self._in_flight.get(key, set()).discard(call)
        bucket = self._buckets[key]
        bucket.rate = min(self._pace.fastest * self._share, bucket.rate + self._pace.win_back * self._share)

    def slow_down(self, key: str, now: float, retry_after: float) -> None:
        bucket = self._bucket(key, now)
        if bucket.blocked <= now:
            bucket.rate = max(self._pace.slowest * self._share, bucket.rate / 2)
        bucket.blocked = bucket.seen = max(bucket.blocked, now + retry_after)
        bucket.tokens = 1.0

    def _bucket(self, key: str, now: float) -> _Bucket:
        if key not in self._buckets:
            self._buckets[key] = _Bucket(rate=self._pace.per_minute * self._share, tokens=self._pace.burst, seen=now)
        return self._buckets[key]
