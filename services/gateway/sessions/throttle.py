"""Slows down whoever guesses passwords: tries are counted in Redis, per e-mail and address, for a while.

Redis may forget the counts, which costs a guesser's delay and nothing else; when it is away, signing in
goes on with argon2's own slowness as the only brake.
"""

import hashlib

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.kit.base.errors import TooManyTries

log = structlog.get_logger()

WINDOW_SECONDS = 15 * 60
MOST_PER_PAIR = 10
MOST_PER_EMAIL = 50  # from many addresses; above the pair's, so that one guesser elsewhere locks nobody out
MOST_PER_ADDRESS = 100  # an office behind one address


class TooManySignIns(TooManyTries):
    """Too many wrong passwords in a short time."""

    action = "Wait 15 minutes and try again."


class Throttle:
    """Counts tries before the password is looked at, so that simultaneous ones count too."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def count(self, email: str, address: str) -> None:
        """Count one try; TooManySignIns above a limit."""
        limits = self._limits(email, address)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for key in limits:
                    pipe.incr(key)
                    pipe.expire(key, WINDOW_SECONDS, nx=True)
                counted = (await pipe.execute())[::2]
        except (RedisError, OSError) as error:
            log.warning("sign-ins are not counted", error=str(error))
            return
        if any(count > most for count, most in zip(counted, limits.values(), strict=True)):
            raise TooManySignIns("Too many attempts to sign in.")

    async def forget(self, email: str, address: str) -> None:
        """The password was right: tries with this e-mail from this address were the person's own."""
        try:
            await self._redis.delete(next(iter(self._limits(email, address))))
        except (RedisError, OSError) as error:
            log.warning("sign-ins are not forgotten", error=str(error))

    @staticmethod
    def _limits(email: str, address: str) -> dict[str, int]:
        return {
            _key("pair", f"{email} {address}"): MOST_PER_PAIR,
            _key("email", email): MOST_PER_EMAIL,
            _key("address", address): MOST_PER_ADDRESS,
        }


def _key(kind: str, value: str) -> str:
    return f"tieout:sign-in:{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
