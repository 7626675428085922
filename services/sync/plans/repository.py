"""Reads and writes plans and what belongs to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, any_, cast, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import InstrumentedAttribute

from services.contracts.periods import days_of
from services.contracts.shapes import MirrorRecord, PlanScope
from services.contracts.vocabulary import MirrorKind, OperationKind, PlanStatus
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.models import EventRow
from services.sync.additions.models import WrittenAddition
from services.sync.additions.repository import as_written
from services.sync.additions.written import Written
from services.sync.mirrors.models import MirrorRecordRow
from services.sync.plans.models import (
    ClosingRow,
    DecisionRow,
    DesiredRow,
    ExpectedRow,
    GroundRow,
    OperationRow,
    PlanRow,
    UnsentRow,
)

_BATCH = 500  # rows per INSERT

PartOfPlan = DesiredRow | UnsentRow | ClosingRow | OperationRow | GroundRow | ExpectedRow


@dataclass(frozen=True, slots=True)
class LinesAdditions:
    """What finds the additions that the lines of a plan go to, or were sent as."""

    line_ids: frozenset[UUID]
    markers: frozenset[str]
    subscription_ids: frozenset[str]
    withdrawn: frozenset[UUID] = frozenset()
    """Lines that stay behind although they were sent."""


async def find_plan(session: ReadSession, plan_id: UUID) -> PlanRow | None:
    return await session.get(PlanRow, plan_id)


async def lock_plan(session: WriteSession, plan_id: UUID) -> PlanRow | None:
    """The plan, fresh, held against others until the transaction ends."""
    return await session.get(PlanRow, plan_id, with_for_update=True, populate_existing=True)


async def list_plans(session: ReadSession, *, period: str | None, before: UUID | None, limit: int) -> Sequence[PlanRow]:
    """Newest first: ids grow with time."""
    query = select(PlanRow).order_by(PlanRow.id.desc()).limit(limit)
    if period is not None:
        query = query.where(PlanRow.period == period)
    if before is not None:
        query = query.where(PlanRow.id < before)
    return (await session.scalars(query)).all()


async def add_computing_plan(session: WriteSession, plan_id: UUID, scope: PlanScope, scope_key: str) -> bool:
    """False when a plan of the same scope is being computed already."""
    added = await session.execute(
        upsert(PlanRow)
        .values(
            id=plan_id,
            partner_id=session.circumstances.partner_id,
            period=scope.period,
            scope=scope.model_dump(mode="json"),
            scope_key=scope_key,
            status=PlanStatus.COMPUTING.value,
            requested_by=session.circumstances.actor.name,
        )
        .on_conflict_do_nothing()
        .returning(PlanRow.id)
    )
    return added.scalar_one_or_none() is not None


async def find_computing_plan(session: ReadSession, scope_key: str) -> PlanRow | None:
    query = select(PlanRow).where(PlanRow.scope_key == scope_key, PlanRow.status == PlanStatus.COMPUTING.value)
    return (await session.scalars(query)).one_or_none()


async def list_unapplied(session: WriteSession, period: str | None) -> Sequence[PlanRow]:
    """Plans, of one period or all, that a change of their lines makes stale; locked in order of id."""
    query = select(PlanRow).where(
        PlanRow.status.in_([PlanStatus.COMPUTING.value, PlanStatus.READY.value]), PlanRow.run_id.is_(None)
    )
    if period is not None:
        query = query.where(PlanRow.period == period)
    return (await session.scalars(query.order_by(PlanRow.id).with_for_update())).all()


async def list_unaware_of_twins(
    session: WriteSession, agreement_id: str, addition_ids: Sequence[str]
) -> Sequence[PlanRow]:
    """Plans ready to be applied that looked at an agreement and do not end all but one of these additions there."""
    looked = exists().where(GroundRow.plan_id == PlanRow.id, GroundRow.agreement_id == agreement_id)
    ended = (
        select(func.count(OperationRow.id))
        .where(
            OperationRow.plan_id == PlanRow.id,
            OperationRow.agreement_id == agreement_id,
            OperationRow.kind == OperationKind.CANCEL.value,
            OperationRow.addition_id.in_(addition_ids),
        )
        .scalar_subquery()
    )
    query = select(PlanRow).where(
        PlanRow.status == PlanStatus.READY.value, PlanRow.run_id.is_(None), looked, ended < len(addition_ids) - 1
    )
    return (await session.scalars(query.order_by(PlanRow.id).with_for_update())).all()


async def list_ready_about(session: WriteSession, agreement_ids: Collection[str]) -> Sequence[tuple[PlanRow, str]]:
    """Plans ready to be applied that looked at one of these agreements, each with the agreement."""
    query = (
        select(PlanRow, GroundRow.agreement_id)
        .join(GroundRow, GroundRow.plan_id == PlanRow.id)
        .where(
            PlanRow.status == PlanStatus.READY.value,
            PlanRow.run_id.is_(None),
            _among(GroundRow.agreement_id, agreement_ids),
        )
        .order_by(PlanRow.id, GroundRow.agreement_id)
        .with_for_update(of=PlanRow)
    )
    return [(plan, agreement_id) for plan, agreement_id in await session.execute(query)]


async def sequence_of(session: ReadSession, event_id: UUID) -> int:
    return (await session.execute(select(EventRow.sequence).where(EventRow.id == event_id))).scalar_one()


async def add_rows(
    session: WriteSession,
    table: type[PartOfPlan],
    plan_id: UUID,
    rows: Sequence[dict[str, Any]],
) -> None:
    """Insert rows of a plan; `rows` leave out plan and partner."""
    common = {"plan_id": plan_id, "partner_id": session.circumstances.partner_id}
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(table), [{**common, **row} for row in rows[start : start + _BATCH]])


async def list_desired(session: ReadSession, plan_id: UUID) -> Sequence[dict[str, Any]]:
    """The desired additions as they arrived, in order of line."""
    query = (
        select(DesiredRow.addition).where(DesiredRow.plan_id == plan_id).order_by(DesiredRow.line_id, DesiredRow.marker)
    )
    return (await session.scalars(query)).all()


async def list_unsent(session: ReadSession, plan_id: UUID) -> Sequence[dict[str, Any]]:
    query = select(UnsentRow.line).where(UnsentRow.plan_id == plan_id).order_by(UnsentRow.line_id)
    return (await session.scalars(query)).all()


async def forget_desired(session: WriteSession, plan_id: UUID) -> None:
    """What should exist, and what should be closed, is in the operations by now."""
    await session.execute(delete(DesiredRow).where(DesiredRow.plan_id == plan_id))
    await session.execute(delete(ClosingRow).where(ClosingRow.plan_id == plan_id))


async def list_ground(session: ReadSession, plan_id: UUID) -> Sequence[GroundRow]:
    return (await session.scalars(select(GroundRow).where(GroundRow.plan_id == plan_id))).all()


async def list_operations(
    session: ReadSession,
    plan_id: UUID,
    *,
    kind: OperationKind | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Sequence[OperationRow]:
    """In the order people read them: by customer and agreement."""
    query = select(OperationRow).where(OperationRow.plan_id == plan_id).order_by(OperationRow.position).limit(limit)
    if kind is not None:
        query = query.where(OperationRow.kind == kind.value)
    if after is not None:
        query = query.where(OperationRow.position > after)
    return (await session.scalars(query)).all()


async def supersede(session: WriteSession, plan: PlanRow, sentence: str) -> None:
    """Older plans of the same scope that nobody applied give way to a newer one."""
    await session.execute(
        update(PlanRow)
        .where(
            PlanRow.scope_key == plan.scope_key,
            PlanRow.id < plan.id,
            PlanRow.status == PlanStatus.READY.value,
            PlanRow.run_id.is_(None),
        )
        .values(status=PlanStatus.STALE.value, moved=[sentence])
    )


async def list_ended(session: ReadSession, scope: PlanScope) -> list[tuple[Written, MirrorRecord]]:
    """Open recurring additions of ours whose subscription AppXite says has ended.

    A subscription that is merely no longer listed has not ended. A plan about single lines ends nothing.
    """
    if scope.line_ids:
        return []
    rows = await session.execute(_find_ended(scope))
    return [(as_written(row), MirrorRecord.model_validate(record)) for row, record in rows]


def _find_ended(scope: PlanScope) -> Select[WrittenAddition, dict[str, Any]]:
    query = (
        select(WrittenAddition, MirrorRecordRow.record)
        .join(MirrorRecordRow, MirrorRecordRow.external_id == WrittenAddition.subscription_id)
        .where(
            WrittenAddition.is_recurring,
            WrittenAddition.is_open,
            MirrorRecordRow.kind == MirrorKind.SUBSCRIPTION.value,
            MirrorRecordRow.is_listed,
            MirrorRecordRow.record["is_active"].as_boolean().is_(False),
        )
        .order_by(WrittenAddition.marker)
    )
    if scope.agreement_ids:
        query = query.where(WrittenAddition.agreement_id.in_(scope.agreement_ids))
    if scope.subscription_id is not None:
        query = query.where(WrittenAddition.subscription_id == scope.subscription_id)
    if scope.organization_ids:
        query = query.where(MirrorRecordRow.record["parent_id"].as_string().in_(scope.organization_ids))
    return query


async def list_billing(session: ReadSession, scope: PlanScope, named: LinesAdditions) -> list[Written]:
    """Additions of ours within a scope that bill on, by what we wrote, on agreements that the PSA still lists.

    One that bills no more is among them where its line stays behind by now, or where it has billed days of the plan's
    month, or later ones, that no line was charged for: what it has billed there is without a charge.

    Args:
        named: what the lines of the plan say; a plan of single lines looks only at those.
    """
    agreement = MirrorRecordRow.record["agreement"]
    reopened = cast(agreement["reopened"][0]["first"].as_string(), Date)
    opens = func.least(cast(agreement["next_invoice_date"].as_string(), Date), reopened)
    ends = cast(WrittenAddition.held["cancelled_date"].as_string(), Date)
    is_beyond = or_(ends > WrittenAddition.charged_through, WrittenAddition.gaps != [])
    has_billed_more = and_(ends >= days_of(scope.period)[0], is_beyond)
    is_withdrawn = _among(WrittenAddition.line_id, named.withdrawn)
    query = (
        select(WrittenAddition)
        .join(MirrorRecordRow, MirrorRecordRow.external_id == WrittenAddition.agreement_id)
        .where(
            MirrorRecordRow.kind == MirrorKind.AGREEMENT.value,
            MirrorRecordRow.is_listed,
            agreement["status"].as_string() != "Cancelled",
            WrittenAddition.gone_at.is_(None),
            or_(ends.is_(None), opens.is_(None), ends >= opens, has_billed_more, is_withdrawn),
        )
        .order_by(WrittenAddition.marker)
    )
    if scope.line_ids:
        query = query.where(
            or_(
                _among(WrittenAddition.line_id, named.line_ids),
                _among(WrittenAddition.marker, named.markers),
                _among(WrittenAddition.subscription_id, named.subscription_ids),
            )
        )
    if scope.agreement_ids:
        query = query.where(WrittenAddition.agreement_id.in_(scope.agreement_ids))
    if scope.organization_ids:
        query = query.where(WrittenAddition.organization_id.in_(scope.organization_ids))
    if scope.subscription_id is not None:
        query = query.where(WrittenAddition.subscription_id == scope.subscription_id)
    return [as_written(row) for row in await session.scalars(query)]


def _among(column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """One array parameter, where IN would take one for each value."""
    return column == any_(cast(list(values), ARRAY(column.type)))


async def list_closings(session: ReadSession, plan_id: UUID) -> Sequence[dict[str, Any]]:
    query = select(ClosingRow.closing).where(ClosingRow.plan_id == plan_id).order_by(ClosingRow.marker)
    return (await session.scalars(query)).all()


async def list_expected(session: ReadSession, plan_id: UUID) -> Sequence[dict[str, Any]]:
    """The additions whose charge has not come yet, each an `ExpectedAddition`."""
    query = select(ExpectedRow.addition).where(ExpectedRow.plan_id == plan_id).order_by(ExpectedRow.marker)
    return (await session.scalars(query)).all()


async def lock_operations(session: WriteSession, plan_id: UUID, ids: Collection[UUID]) -> Sequence[OperationRow]:
    """Some operations of a plan, held against others until the transaction ends."""
    query = (
        select(OperationRow)
        .where(OperationRow.plan_id == plan_id, OperationRow.id.in_(list(ids)))
        .order_by(OperationRow.id)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def count_kinds(session: ReadSession, plan_id: UUID) -> dict[str, int]:
    query = select(OperationRow.kind, func.count()).where(OperationRow.plan_id == plan_id).group_by(OperationRow.kind)
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_decisions(session: ReadSession, markers: Collection[str]) -> Sequence[DecisionRow]:
    """What people decided last about these additions."""
    return (await session.scalars(select(DecisionRow).where(_among(DecisionRow.marker, markers)))).all()


async def keep_decisions(session: WriteSession, decisions: Sequence[dict[str, Any]]) -> None:
    """Each replaces what was decided about the same addition before; they leave out the partner."""
    statement = upsert(DecisionRow)
    names = ("choice", "reason", "until", "charged_through", "decided_by", "decided_at", "plan_id")
    renewed = {name: statement.excluded[name] for name in names}
    partner = session.circumstances.partner_id
    await session.execute(
        statement.on_conflict_do_update(index_elements=["partner_id", "marker"], set_=renewed),
        [{"partner_id": partner, **each} for each in decisions],
    )
