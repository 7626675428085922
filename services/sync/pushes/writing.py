"""Writing many operations, a few at a time, each journalled before it leaves and after it came back.

Intents are committed in small batches ahead of the writers, outcomes in batches behind them: a commit per
write would cost more than the writes. What a dead process leaves as `sending` is looked for before anything
else, so a larger batch costs one more look, never a second addition.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync.plans.abreast import AT_ONCE
from services.sync.plans.schemas import OperationStatus
from services.sync.pushes import repository
from services.sync.pushes.writes import AdditionWriter, Holding, Outcome, Write, perform
from services.sync.runs import service as runs

INTENTS = 8 * AT_ONCE  # committed ahead of the writers
FLUSH_SECONDS = 0.5  # between two commits of outcomes, and two announcements of progress


@dataclass(slots=True)
class Progress:
    """Operations with an outcome, of those that write."""

    done: int
    total: int


@dataclass(slots=True)
class WritingCrew:
    """Writers that share one queue. Made anew for every round."""

    context: JobContext[Any]
    run_id: UUID
    client: AdditionWriter
    progress: Progress
    unknown: list[Write] = field(default_factory=list)
    trouble: UpstreamError | None = None
    """What stopped the writing: every other write would meet it too."""
    _came_back: list[tuple[Write, Outcome]] = field(default_factory=list)
    _left_over: list[Write] = field(default_factory=list)
    _untouched: list[Write] = field(default_factory=list)
    """Of those left over, the ones that certainly changed nothing."""

    async def write(self, writes: Sequence[Write]) -> list[Write]:
        """Write them all, or as far as it goes; those that did not leave, because of `trouble`."""
        ready: asyncio.Queue[Write | None] = asyncio.Queue(maxsize=INTENTS)
        tasks = [asyncio.create_task(self._intend(writes, ready))]
        tasks += [asyncio.create_task(self._work(ready)) for _ in range(AT_ONCE)]
        written = asyncio.Event()
        recorder = asyncio.create_task(self._record_until(written))
        try:
            await asyncio.gather(*tasks)
            written.set()
            await recorder
        finally:
            for task in (*tasks, recorder):
                task.cancel()
            await asyncio.gather(*tasks, recorder, return_exceptions=True)
        await self._take_back()
        return self._left_over

    async def _intend(self, writes: Sequence[Write], ready: "asyncio.Queue[Write | None]") -> None:
        for start in range(0, len(writes), INTENTS):
            batch = writes[start : start + INTENTS]
            if self.trouble is not None:
                self._left_over += batch
                continue
            async with self.context.writing() as session:
                await repository.mark_sending(session, [write.row.id for write in batch])
            for write in batch:
                await ready.put(write)
        for _ in range(AT_ONCE):
            await ready.put(None)

    async def _work(self, ready: "asyncio.Queue[Write | None]") -> None:
        while (write := await ready.get()) is not None:
            if self.trouble is not None:
                self._keep(write, is_untouched=True)
                continue
            try:
                outcome = await perform(self.client, write)
            except UpstreamError as fault:
                self.trouble = fault
                # A create is refused before it is made; a change may have been made, and is repeated.
                self._keep(write, is_untouched=write.is_create)
                continue
            if outcome.status is OperationStatus.UNKNOWN:
                self.unknown.append(write)
            self._came_back.append((write, outcome))

    def _keep(self, write: Write, *, is_untouched: bool) -> None:
        self._left_over.append(write)
        if is_untouched:
            self._untouched.append(write)

    async def _record_until(self, written: asyncio.Event) -> None:
        while not written.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await written.wait()
            await self._record()

    async def _record(self) -> None:
        recorded, self._came_back = self._came_back, []
        if recorded:
            await record_outcomes(self.context, self.run_id, recorded, self.progress)

    async def _take_back(self) -> None:
        if self._untouched:
            async with self.context.writing() as session:
                await repository.mark_planned(session, [write.row.id for write in self._untouched])


async def record_outcomes(
    context: JobContext[Any], run_id: UUID, came_back: Sequence[tuple[Write, Outcome]], progress: Progress
) -> None:
    """Commit outcomes, what now stands under each marker, and how far the run is."""
    done = [
        Holding(write.row, outcome.addition_id, write.after)
        for write, outcome in came_back
        if outcome.status is OperationStatus.DONE and outcome.addition_id
    ]
    progress.done += sum(1 for _, outcome in came_back if outcome.status.is_final)
    async with context.writing() as session:
        await repository.settle(session, [outcome for _, outcome in came_back])
        await repository.remember_holdings(session, run_id, done)
        await runs.note_progress(session, run_id, progress.done, progress.total)
