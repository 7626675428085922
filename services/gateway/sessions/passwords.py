"""Passwords, hashed with argon2id as OWASP advises: 19 MiB, two passes, one lane."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # NIST SP 800-63B asks for length, not for kinds of characters
LONGEST = 200  # hashing takes as long as the text is
_AT_ONCE = 2  # 40 ms of a core each; more at once only starve the requests of those already in

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_slots = asyncio.Semaphore(_AT_ONCE)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is right. Takes as long for an account that does not exist (None)."""
    async with _slots:
        right = await asyncio.to_thread(_fits, password_hash or _hash_of_nobody(), password)
    return right and password_hash is not None
