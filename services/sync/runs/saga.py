"""What a run waits for: the parts it sent in its present stage, until billing has acknowledged each.

A stage is opened, parts are sent in it, and it is sealed when no more will come. It is complete when it
is sealed and every part is acknowledged, whichever happens last; both sides lock the saga's row, so
exactly one of them finds it complete. What follows stands in `services.sync.stages`.
"""

from enum import StrEnum
from uuid import UUID

from services.kit.base.db import WriteSession
from services.sync.runs import repository
from services.sync.runs.models import SagaPartRow, SagaRow


class SagaKind(StrEnum):
    MIRROR = "mirror"
    LOAD = "load"
    PLAN = "plan"
    PUSH = "push"


class Stage(StrEnum):
    MIRRORS = "mirrors"
    ROWS = "rows"
    ADDITIONS = "additions"


_ORDER = (Stage.MIRRORS, Stage.ROWS, Stage.ADDITIONS)


class StageIsSealed(Exception):
    """A stage that is over was to be opened or added to: a repeated job finds its work done."""


async def open_stage(session: WriteSession, run_id: UUID, kind: SagaKind, stage: Stage) -> SagaRow:
    """Begin a stage, or find it as it is when the job is repeated; StageIsSealed when it is over."""
    saga = await repository.lock_saga(session, run_id)
    if saga is None:
        saga = SagaRow(run_id=run_id, partner_id=session.circumstances.partner_id, kind=kind.value, stage=stage.value)
        session.add(saga)
        await session.flush()
    elif _ORDER.index(Stage(saga.stage)) > _ORDER.index(stage) or (saga.stage == stage.value and saga.is_sealed):
        raise StageIsSealed(f"stage {stage} of run {run_id} is over")
    elif saga.stage != stage.value:
        saga.stage, saga.parts_sent, saga.parts_acked, saga.is_sealed, saga.place = stage.value, 0, 0, False, {}
    return saga


async def take_part(session: WriteSession, run_id: UUID) -> int:
    """The number of the next part, as `take_parts` gives it."""
    return (await take_parts(session, run_id, 1)).start


async def take_parts(session: WriteSession, run_id: UUID, count: int) -> range:
    """The numbers of the next parts; published in the same transaction, so that none is sent twice or lost."""
    saga = await _locked(session, run_id)
    if saga.is_sealed:
        raise StageIsSealed(f"stage {saga.stage} of run {run_id} takes no more parts")
    parts = range(saga.parts_sent, saga.parts_sent + count)
    partner = session.circumstances.partner_id
    session.add_all(SagaPartRow(run_id=run_id, stage=saga.stage, part=part, partner_id=partner) for part in parts)
    saga.parts_sent = parts.stop
    await session.flush()
    return parts


async def seal_stage(session: WriteSession, run_id: UUID) -> SagaRow | None:
    """Say that no more parts come. The saga when the stage is complete with it, else None."""
    saga = await _locked(session, run_id)
    if saga.is_sealed:
        return None
    saga.is_sealed = True
    return saga if saga.parts_acked == saga.parts_sent else None


async def acknowledge_part(session: WriteSession, run_id: UUID, stage: Stage, part: int) -> tuple[bool, SagaRow | None]:
    """Count one acknowledgement: whether it was news, and the saga when the stage is complete with it."""
    saga = await repository.lock_saga(session, run_id)
    if saga is None or saga.stage != stage.value or not await repository.ack_part(session, run_id, stage.value, part):
        return False, None
    saga.parts_acked += 1
    return True, saga if saga.is_sealed and saga.parts_acked == saga.parts_sent else None


async def _locked(session: WriteSession, run_id: UUID) -> SagaRow:
    saga = await repository.lock_saga(session, run_id)
    if saga is None:
        raise LookupError(f"run {run_id} has opened no stage")
    return saga
