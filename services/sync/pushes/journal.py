"""The journal of a push: what came back, what stands under each marker since, and how far the run is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.base import clock
from services.kit.ledger.work import JobContext
from services.sync.additions import repository as additions
from services.sync.additions.repository import Ended, Found
from services.sync.mirrors.repository import find_next_invoices
from services.sync.plans.schemas import OperationStatus
from services.sync.pushes import repository
from services.sync.pushes.write import Outcome, Write
from services.sync.runs import service as runs


@dataclass(slots=True)
class Progress:
    """Operations with an outcome, of those that write."""

    done: int
    total: int


async def record(
    context: JobContext[Any],
    run_id: UUID,
    came_back: Sequence[tuple[Write, Outcome]],
    progress: Progress,
    finished_agreements: Collection[str] = (),
) -> None:
    """Commit outcomes, what now stands under each marker, the turns that are over, and how far the run is."""
    progress.done += sum(1 for _, outcome in came_back if outcome.status.is_final)
    resolved = [write.row.marker for write, outcome in came_back if write.is_create and outcome.status.is_final]
    async with context.writing() as session:
        await repository.record_outcomes(session, [outcome for _, outcome in came_back])
        days = await find_next_invoices(session, {write.row.agreement_id for write, _ in came_back})
        await additions.record_found(session, run_id, _list_found(came_back), days)
        for write, outcome in came_back:
            if outcome.status is OperationStatus.DONE and outcome.addition_id and write.desired is None:
                ended = Ended(write.row.marker, outcome.addition_id, write.after)
                await additions.record_end(session, run_id, ended, days.get(write.row.agreement_id))
        await additions.resolve_creates(session, resolved, clock.now())
        await repository.give_turns_back(session, run_id, finished_agreements)
        await runs.note_progress(session, run_id, progress.done, progress.total)


def _list_found(came_back: Sequence[tuple[Write, Outcome]]) -> list[Found]:
    return [
        Found(desired, outcome.addition_id, write.after, write.before, is_new=write.is_create)
        for write, outcome in came_back
        if outcome.status is OperationStatus.DONE and outcome.addition_id and (desired := write.desired)
    ]


async def take_back(context: JobContext[Any], untouched: Sequence[Write]) -> None:
    """Mark operations as planned again that were about to be sent and certainly changed nothing."""
    async with context.writing() as session:
        await repository.mark_planned(session, [write.row.id for write in untouched])
        creates = [write.row.marker for write in untouched if write.is_create]
        await additions.resolve_creates(session, creates, clock.now())
