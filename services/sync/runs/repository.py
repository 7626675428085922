"""Reads and writes runs, sagas and parts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_, update

from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base.db import ReadSession, WriteSession
from services.sync.runs.models import RunRow, SagaPartRow, SagaRow

UNFINISHED = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)


async def find_run(session: ReadSession, run_id: UUID) -> RunRow | None:
    return await session.get(RunRow, run_id)


async def lock_run(session: WriteSession, run_id: UUID) -> RunRow | None:
    """The run, fresh, held against others until the transaction ends."""
    return await session.get(RunRow, run_id, with_for_update=True, populate_existing=True)


async def list_runs(
    session: ReadSession,
    *,
    kind: RunKind | None,
    status: RunStatus | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[RunRow]:
    """Newest first."""
    query = select(RunRow).order_by(RunRow.created_at.desc(), RunRow.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(RunRow.kind == kind.value)
    if status is not None:
        query = query.where(RunRow.status == status.value)
    if before is not None:
        query = query.where(tuple_(RunRow.created_at, RunRow.id) < before)
    return (await session.scalars(query)).all()


async def latest_run(session: ReadSession, kind: RunKind) -> RunRow | None:
    query = select(RunRow).where(RunRow.kind == kind.value).order_by(RunRow.created_at.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def list_unfinished(session: ReadSession, kind: RunKind) -> Sequence[RunRow]:
    return (await session.scalars(select(RunRow).where(RunRow.kind == kind.value, RunRow.status.in_(UNFINISHED)))).all()


async def find_saga(session: ReadSession, run_id: UUID) -> SagaRow | None:
    return await session.get(SagaRow, run_id, populate_existing=True)


async def lock_saga(session: WriteSession, run_id: UUID) -> SagaRow | None:
    return await session.get(SagaRow, run_id, with_for_update=True, populate_existing=True)


async def ack_part(session: WriteSession, run_id: UUID, stage: str, part: int) -> bool:
    """False when the part is unknown or was acknowledged before."""
    acked = await session.execute(
        update(SagaPartRow)
        .where(
            SagaPartRow.run_id == run_id,
            SagaPartRow.stage == stage,
            SagaPartRow.part == part,
            SagaPartRow.acked_at.is_(None),
        )
        .values(acked_at=func.now())
        .returning(SagaPartRow.part)
    )
    return acked.scalar_one_or_none() is not None
