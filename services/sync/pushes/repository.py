"""Writes the journal of a push into the operations of its plan, and keeps what we wrote under each marker."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.shapes import DesiredAddition
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.plans.models import OperationRow, WrittenRow
from services.sync.plans.schemas import OperationStatus
from services.sync.pushes.writes import Holding, Outcome

_BATCH = 500  # rows per INSERT
_QUESTION = 10_000  # parameters per SELECT; PostgreSQL takes 32,767
_NAMES = ("organization", "company", "agreement", "product", "subscription")
_RENEWED = ("addition_id", "is_open", "names", "held", "wanted_effective_date", "run_id", "written_at")


async def mark_sending(session: WriteSession, operation_ids: Sequence[UUID]) -> None:
    await session.execute(
        update(OperationRow)
        .where(OperationRow.id.in_(operation_ids))
        .values(status=OperationStatus.SENDING.value, sent_at=clock.now())
    )


async def mark_planned(session: WriteSession, operation_ids: Sequence[UUID]) -> None:
    await session.execute(
        update(OperationRow)
        .where(OperationRow.id.in_(operation_ids))
        .values(status=OperationStatus.PLANNED.value, sent_at=None)
    )


async def mark_unknown(session: WriteSession, operation_ids: Sequence[UUID]) -> None:
    await session.execute(
        update(OperationRow).where(OperationRow.id.in_(operation_ids)).values(status=OperationStatus.UNKNOWN.value)
    )


async def settle(session: WriteSession, outcomes: Sequence[Outcome]) -> None:
    """Keep what became of operations."""
    settled_at = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "id": outcome.operation_id,
            "status": outcome.status.value,
            "addition_id": outcome.addition_id,
            "error": outcome.error,
            "settled_at": settled_at,
        }
        for outcome in outcomes
    ]
    if rows:
        await session.execute(update(OperationRow), rows)


async def known_markers(session: ReadSession, markers: Sequence[str]) -> set[str]:
    """Those under which we remember an addition."""
    known: set[str] = set()
    for start in range(0, len(markers), _QUESTION):
        query = select(WrittenRow.marker).where(WrittenRow.marker.in_(markers[start : start + _QUESTION]))
        known.update((await session.scalars(query)).all())
    return known


async def remember_holdings(session: WriteSession, run_id: UUID, holdings: Sequence[Holding]) -> None:
    """Keep what ConnectWise now holds under our markers."""
    wanted = [(each, DesiredAddition.model_validate(each.row.desired)) for each in holdings if each.row.desired]
    rows = [_written_row(session, run_id, each, desired) for each, desired in wanted]
    for start in range(0, len(rows), _BATCH):
        statement = insert(WrittenRow)
        renewed = {name: statement.excluded[name] for name in _RENEWED}
        upsert = statement.on_conflict_do_update(index_elements=["partner_id", "marker"], set_=renewed)
        await session.execute(upsert, rows[start : start + _BATCH])
    for each in holdings:
        if not each.row.desired:
            await _note_end(session, run_id, each)


def _written_row(session: WriteSession, run_id: UUID, holding: Holding, desired: DesiredAddition) -> dict[str, Any]:
    return {
        "partner_id": session.circumstances.partner_id,
        "marker": desired.marker,
        "agreement_id": desired.agreement_id,
        "addition_id": holding.addition_id,
        "subscription_id": desired.subscription_id,
        "is_recurring": desired.is_recurring,
        "is_open": holding.held.is_open,
        "currency": desired.currency,
        "names": {name: getattr(desired, name) for name in _NAMES},
        "held": holding.held.as_json(),
        "wanted_effective_date": desired.effective_date,
        "run_id": run_id,
        "written_at": clock.now(),
    }


async def _note_end(session: WriteSession, run_id: UUID, holding: Holding) -> None:
    await session.execute(
        update(WrittenRow)
        .where(WrittenRow.marker == holding.row.marker)
        .values(
            held=holding.held.as_json(),
            is_open=holding.held.is_open,
            ended_on=holding.held.cancelled_date,
            run_id=run_id,
            written_at=clock.now(),
        )
    )
