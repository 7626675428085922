"""Trying again, with growing waits and jitter, for faults that pass.

Whether a repetition is safe is decided where the fault is raised (`kit.upstream.http`): an `OutcomeUnknown`
is never tried again here, whatever the verb.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from services.kit.upstream.http import (
    BadUpstreamAnswer,
    TooManyRequests,
    UpstreamError,
    UpstreamFault,
    UpstreamTimeout,
    UpstreamUnreachable,
)

log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Patience:
    """How often and how long: ConnectWise advises 5–10 tries from 200–500 ms to 30–60 s in the background."""

    tries: int = 6
    base: float = 0.3
    cap: float = 30.0
    asked_to_wait: int = 10
    """429s in a row that are obeyed before giving up; they cost no try, because the server said when to come."""

    def wait(self, failures: int) -> float:
        """Seconds after failure number `failures`, from 0, with jitter: workers must not come back together."""
        ceiling = min(self.cap, self.base * 2.0**failures)
        return ceiling * (0.5 + random.random() / 2)  # noqa: S311 - spreads load, guards nothing


PATIENT = Patience()
INTERACTIVE = Patience(tries=2, base=0.1, cap=2.0, asked_to_wait=1)
"""For a person who waits for the answer."""


def passes(fault: UpstreamError) -> bool:
    """Whether the same call may succeed later, and may be repeated."""
    return isinstance(fault, UpstreamUnreachable | UpstreamTimeout | UpstreamFault)


def passes_when_read_again(fault: UpstreamError) -> bool:
    """The same for a call that only reads: a garbled answer may come whole the next time."""
    return passes(fault) or isinstance(fault, BadUpstreamAnswer)


async def keep_trying(
    call: Callable[[], Awaitable[ResultT]],
    *,
    patience: Patience = PATIENT,
    sleep: Sleep = asyncio.sleep,
    may_pass: Callable[[UpstreamError], bool] = passes,
) -> ResultT:
    """The call's result, or its last error. A 429 is not waited for here: the rate limiter holds everybody back."""
    attempt = asked = 0
    while True:
        try:
            return await call()
        except TooManyRequests:
            asked += 1
            if asked > patience.asked_to_wait:
                raise
        except UpstreamError as fault:
            attempt += 1
            if attempt >= patience.tries or not may_pass(fault):
                raise
            wait = patience.wait(attempt - 1)
            log.warning("upstream.tried_again", call=fault.where, cause=fault.message, attempt=attempt, wait=wait)
            await sleep(wait)
