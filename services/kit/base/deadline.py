"""A limit on how long something may take, with an error that says which, and an end to what must stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

AGAIN_SECONDS = 3.0  # cancelling sooner would interrupt what a task does to end well


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


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks until they have ended; what they raise is dropped.

    Again and again, because one cancellation can get lost: `asyncio.wait_for` of Python 3.11 returns its
    result instead when both come at once. redis-py sends through it where a socket time-out is set, and a
    worker so built went on after 26 of 400 stops.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
