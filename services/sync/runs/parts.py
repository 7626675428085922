"""What a step waits for: the parts that it sent, or asked for, until billing has answered each.

Every function locks the run before its step, so sending, sealing and acknowledging count each other, and
exactly one of them finds the step complete: that one orders the next step.
"""

from datetime import timedelta
from uuid import UUID

from services.contracts.shapes import Outcomes
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.runs import repository, service
from services.sync.runs.jobs import order_step, order_watch
from services.sync.runs.models import Run, RunStep

PATIENCE = timedelta(minutes=30)
"""Without any answer of billing's. The ledger gives a failing delivery up after 20, and then people see it."""


class RunIsOver(Exception):
    """The run has ended, or its step has sent everything: nothing more may be done in its name."""


async def lock_step(session: WriteSession, run_id: UUID) -> RunStep:
    """Lock the run and its present step, and return the step with its checkpoint."""
    run, step = await _lock(session, run_id)
    if run is None or step is None or service.is_over(run) or step.is_sealed:
        raise RunIsOver(f"run {run_id} is over, or its step is")
    return step


async def take_part(session: WriteSession, run_id: UUID) -> int:
    """The number of the next part, as `take_parts` gives it."""
    return (await take_parts(session, run_id, 1)).start


async def take_parts(session: WriteSession, run_id: UUID, count: int) -> range:
    """The numbers of the next parts; published in the same transaction, so that none is sent twice or lost."""
    step = await lock_step(session, run_id)
    first = step.parts or 0
    numbers = range(first, first + count)
    await repository.add_parts(session, step, numbers)
    step.parts = numbers.stop
    return numbers


async def expect_answer(session: WriteSession, run_id: UUID) -> None:
    """The present step asks billing something; its first answer says how many there will be."""
    step = await lock_step(session, run_id)
    if step.parts == 0:  # a try that is repeated may find that billing has answered meanwhile
        step.parts = None


async def seal(session: WriteSession, run_id: UUID, name: str) -> None:
    """The step sends no more. Go on if billing has acknowledged everything already."""
    run, step = await _lock(session, run_id)
    if run is None or step is None or service.is_over(run) or step.step != name or step.is_sealed:
        return
    step.is_sealed, step.acknowledged_at = True, clock.now()
    if step.is_complete:
        await order_step(session, run_id, after=step.step)
    else:
        await order_watch(session, run_id, step.step, PATIENCE)


async def acknowledge(session: WriteSession, run_id: UUID, part: int, outcomes: Outcomes | None = None) -> None:
    """Billing has taken in one part: add what became of it, and go on if it was the last.

    The part is one of the run's present step, because no step is left before all of its parts are acknowledged.
    """
    run, step = await _lock(session, run_id)
    if (
        run is None
        or step is None
        or service.is_over(run)
        or not await repository.acknowledge_part(session, step, part)
    ):
        return
    if outcomes:
        await service.add_outcomes(session, run_id, outcomes)
    await _count(session, step)


async def take_answer(session: WriteSession, run_id: UUID, index: int, count: int) -> bool:
    """Billing's answer number `index` of `count` to the present step has come; False when it had come before."""
    run, step = await _lock(session, run_id)
    if run is None or step is None or service.is_over(run):
        return False
    if not await repository.add_answer(session, step, index):
        return False
    step.parts = count
    await _count(session, step)
    return True


async def is_waiting(session: ReadSession, run: Run) -> bool:
    """Whether the run only waits for billing: its present step has sent everything."""
    step = await repository.find_step(session, run.id, run.step)
    return step is not None and step.is_sealed


async def _count(session: WriteSession, step: RunStep) -> None:
    step.acknowledged += 1
    step.acknowledged_at = clock.now()
    if step.is_sealed and step.is_complete:
        await order_step(session, step.run_id, after=step.step)


async def _lock(session: WriteSession, run_id: UUID) -> tuple[Run | None, RunStep | None]:
    run = await repository.lock_run(session, run_id)
    return run, None if run is None else await repository.find_step(session, run_id, run.step)
