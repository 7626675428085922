"""A limit on how long something may take, and an error that says which."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class OutOfTime(Exception):
    """Something was stopped because it took longer than it may."""


@asynccontextmanager
async def within(seconds: float | None) -> AsyncIterator[None]:
    """Stop what happens inside after `seconds` with OutOfTime; None is no limit.

    A bare TimeoutError has no text, so a delivery that rests with it would not say why.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise OutOfTime(f"stopped after {seconds:g} s") from error
