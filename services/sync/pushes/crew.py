"""Writing many operations, a few at a time, each journalled before it leaves and after it came back.

Intents are committed in small batches ahead of the writers, outcomes in batches behind them: a commit per
write would cost more than the writes. What a dead process leaves as `sending` is looked for before anything
else, so a larger batch costs one more look, never a second addition. An agreement is written on only while this
run has its turn there, and the turn goes on to the next run as soon as its last write has an outcome.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.kit.upstream.retry import Sleep
from services.sync.additions.reading import AT_ONCE
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.port import Psa
from services.sync.pushes import journal
from services.sync.pushes.turns import Turns
from services.sync.pushes.write import Outcome, Write, perform

INTENTS = 8 * AT_ONCE  # committed ahead of the writers
FLUSH_SECONDS = 0.5  # between two commits of outcomes, and two announcements of progress
TURN_SECONDS = 0.5  # between two looks whether another run has given its turn back


@dataclass(slots=True)
class WritingCrew:
    """Writers that share one queue. Made anew for every round."""

    context: JobContext[Any]
    run_id: UUID
    psa: Psa
    turns: Turns
    progress: journal.Progress
    sleep: Sleep = asyncio.sleep
    unknown: list[Write] = field(default_factory=list)
    trouble: UpstreamError | None = None
    """What stopped the writing: every other write would meet it too."""
    _came_back: list[tuple[Write, Outcome]] = field(default_factory=list)
    _left_over: list[Write] = field(default_factory=list)
    _untouched: list[Write] = field(default_factory=list)
    """Of those left over, the ones that were marked as sending and certainly changed nothing."""
    _open: Counter[str] = field(default_factory=Counter)
    """Agreement → writes of this round without an outcome."""

    async def write(self, writes: Sequence[Write]) -> list[Write]:
        """Write them all, or as far as it goes; those that did not leave, because of `trouble`."""
        self._open = Counter(write.row.agreement_id for write in writes)
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
        if self._untouched:
            await journal.take_back(self.context, self._untouched)
        return self._left_over

    async def _intend(self, writes: Sequence[Write], ready: "asyncio.Queue[Write | None]") -> None:
        waiting = deque(writes)
        while waiting and self.trouble is None:
            batch = [waiting.popleft() for _ in range(min(INTENTS, len(waiting)))]
            try:
                granted = await self.turns.begin(batch)
            except UpstreamError as fault:
                self.trouble = fault
                self._left_over += batch
                break
            self._came_back += granted.stale
            for write in granted.writes:
                await ready.put(write)
            waiting.extend(granted.waiting)
            if not granted.writes and not granted.stale:
                await self.sleep(TURN_SECONDS)
        self._left_over += waiting
        for _ in range(AT_ONCE):
            await ready.put(None)

    async def _work(self, ready: "asyncio.Queue[Write | None]") -> None:
        while (write := await ready.get()) is not None:
            if self.trouble is not None:
                self._keep(write, is_untouched=True)
                continue
            try:
                outcome = await perform(self.psa, write)
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
        await self._record()  # what came back while the last commit was under way

    async def _record(self) -> None:
        recorded, self._came_back = self._came_back, []
        if not recorded:
            return
        self._open.subtract(write.row.agreement_id for write, _ in recorded)
        done = {write.row.agreement_id for write, _ in recorded if self._open[write.row.agreement_id] <= 0}
        await journal.record(self.context, self.run_id, recorded, self.progress, finished_agreements=done)
