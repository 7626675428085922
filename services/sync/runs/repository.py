"""Reads and writes runs, steps and parts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.runs.models import Run, RunStep, StepPart

UNFINISHED = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)


async def find_run(session: ReadSession, run_id: UUID) -> Run | None:
    return await session.get(Run, run_id)


async def lock_run(session: WriteSession, run_id: UUID) -> Run | None:
    """The run, fresh, held against others until the transaction ends."""
    return await session.get(Run, run_id, with_for_update=True, populate_existing=True)


async def list_runs(
    session: ReadSession,
    *,
    kind: RunKind | None,
    status: RunStatus | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Run]:
    """Newest first."""
    query = select(Run).order_by(Run.created_at.desc(), Run.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Run.kind == kind.value)
    if status is not None:
        query = query.where(Run.status == status.value)
    if before is not None:
        query = query.where(tuple_(Run.created_at, Run.id) < before)
    return (await session.scalars(query)).all()


async def latest_run(session: ReadSession, kind: RunKind) -> Run | None:
    query = select(Run).where(Run.kind == kind.value).order_by(Run.created_at.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def list_unfinished(session: ReadSession, kind: RunKind) -> Sequence[Run]:
    return (await session.scalars(select(Run).where(Run.kind == kind.value, Run.status.in_(UNFINISHED)))).all()


async def find_step(session: ReadSession, run_id: UUID, step: str) -> RunStep | None:
    """A step, fresh. Lock its run before changing it."""
    return await session.get(RunStep, (run_id, step), populate_existing=True)


async def add_step(session: WriteSession, run: Run, step: str) -> None:
    session.add(RunStep(run_id=run.id, step=step, partner_id=run.partner_id, parts=0, started_at=clock.now()))
    await session.flush()


async def add_parts(session: WriteSession, step: RunStep, numbers: range) -> None:
    """Parts that are being sent."""
    common = {"run_id": step.run_id, "step": step.step, "partner_id": step.partner_id}
    if numbers:
        await session.execute(insert(StepPart), [{**common, "part": number} for number in numbers])


async def acknowledge_part(session: WriteSession, step: RunStep, part: int) -> bool:
    """False when the part is unknown or was acknowledged before."""
    acknowledged = await session.execute(
        update(StepPart)
        .where(
            StepPart.run_id == step.run_id,
            StepPart.step == step.step,
            StepPart.part == part,
            StepPart.acknowledged_at.is_(None),
        )
        .values(acknowledged_at=func.now())
        .returning(StepPart.part)
    )
    return acknowledged.scalar_one_or_none() is not None


async def add_answer(session: WriteSession, step: RunStep, index: int) -> bool:
    """Note an answer that nobody could number before; False when it was noted before."""
    added = await session.execute(
        insert(StepPart)
        .values(run_id=step.run_id, step=step.step, part=index, partner_id=step.partner_id, acknowledged_at=func.now())
        .on_conflict_do_nothing()
        .returning(StepPart.part)
    )
    return added.scalar_one_or_none() is not None
