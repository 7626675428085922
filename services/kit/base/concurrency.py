"""Doing the same to many items, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

ItemT = TypeVar("ItemT")


async def for_each(items: Iterable[ItemT], do: Callable[[ItemT], Awaitable[None]], *, at_once: int) -> None:
    """Call `do` for every item, at most `at_once` at a time. The first error is raised after the others were cancelled.

    Items are begun in their order.
    """
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:  # all workers share one iterator: each takes the next item
            await do(item)

    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
