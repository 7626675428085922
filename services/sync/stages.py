"""What follows when every part of a stage is acknowledged: the continuation of each saga, as a table."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from services.contracts.shapes import Outcomes
from services.kit.base.db import WriteSession
from services.sync.loads.stages import finish_load, prepare_load
from services.sync.mirrors.stages import finish_mirror
from services.sync.plans.service import prepare_plan
from services.sync.pushes.stages import finish_push
from services.sync.runs import saga, service
from services.sync.runs.models import SagaRow
from services.sync.runs.saga import SagaKind, Stage

Continuation = Callable[[WriteSession, UUID], Awaitable[None]]

CONTINUATIONS: dict[tuple[SagaKind, Stage], Continuation] = {
    (SagaKind.MIRROR, Stage.MIRRORS): finish_mirror,
    (SagaKind.LOAD, Stage.MIRRORS): prepare_load,
    (SagaKind.LOAD, Stage.ROWS): finish_load,
    (SagaKind.PLAN, Stage.MIRRORS): prepare_plan,
    (SagaKind.PUSH, Stage.ADDITIONS): finish_push,
}


async def seal(session: WriteSession, run_id: UUID) -> None:
    """No more parts come in this stage; go on if all were acknowledged already."""
    await _go_on(session, await saga.seal_stage(session, run_id))


async def acknowledge(
    session: WriteSession, run_id: UUID, stage: Stage, part: int, outcomes: Outcomes | None = None
) -> None:
    """Billing has taken in one part; add what became of it, and go on if it was the last."""
    is_news, complete = await saga.acknowledge_part(session, run_id, stage, part)
    if is_news and outcomes:
        await service.add_outcomes(session, run_id, outcomes)
    await _go_on(session, complete)


async def _go_on(session: WriteSession, complete: SagaRow | None) -> None:
    if complete is not None:
        await CONTINUATIONS[SagaKind(complete.kind), Stage(complete.stage)](session, complete.run_id)
