"""Doing the same to many things, a few at a time; the first failure stops the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from services.sync.psas.connectwise.models import Addition

ItemT = TypeVar("ItemT")

AT_ONCE = 8
"""Calls kept ready; how many of them fly is the rate limiter's setting, shared by all workers."""


async def do_abreast(items: Iterable[ItemT], do: Callable[[ItemT], Awaitable[None]], at_once: int = AT_ONCE) -> None:
    """Do it to every item in about this order; an error leaves as it is, with nothing still running."""
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:  # one iterator for all of them: each takes the next
            await do(item)

    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


class AdditionReader(Protocol):
    """The one question that is asked of agreements."""

    async def additions(self, agreement_id: str) -> list[Addition]: ...


async def read_additions(client: AdditionReader, agreement_ids: Iterable[str]) -> dict[str, list[Addition]]:
    """All additions of each agreement, unfiltered: a filtered read can miss what was written minutes ago."""
    found: dict[str, list[Addition]] = {}

    async def read(agreement_id: str) -> None:
        found[agreement_id] = await client.additions(agreement_id)

    await do_abreast(sorted(set(agreement_ids)), read)
    return found
