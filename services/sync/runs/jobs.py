"""The two jobs that sync orders of itself; what a run does in its steps stands in `services.sync.workflows`."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from services.kit.base.db import WriteSession
from services.kit.ledger.jobs import Job, order

RUNS_QUEUE = "sync.runs"


class AdvanceRun(Job):
    """Take a run to the step that follows `after`, and do it; to its first step where `after` is empty."""

    name: ClassVar[str] = "sync.run.advance"
    run_id: UUID
    after: str = ""


class WatchRun(Job):
    """See whether billing still acknowledges what a step sent, and end the run when it does not."""

    name: ClassVar[str] = "sync.run.watch"
    run_id: UUID
    step: str


async def order_step(session: WriteSession, run_id: UUID, after: str = "", causation_id: UUID | None = None) -> None:
    job = AdvanceRun(run_id=run_id, after=after)
    await order(session, RUNS_QUEUE, job, f"run/{run_id}", causation_id=causation_id)


async def order_watch(session: WriteSession, run_id: UUID, step: str, wait: timedelta) -> None:
    await order(session, RUNS_QUEUE, WatchRun(run_id=run_id, step=step), f"run/{run_id}", wait=wait)
