"""Reads and writes what is known of charges that may be billed by hand, and what plans show of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.contracts.shapes import UnsentLine
from services.contracts.vocabulary import ByHand
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.by_hand.compare import HandDecision
from services.sync.by_hand.models import HandBillingRow, PlanByHandRow
from services.sync.plans.models import UnsentRow

_BATCH = 500  # rows per INSERT
_RENEWED = (
    *("choice", "agreement_id", "subscription_id", "addition_id", "charged", "words", "reason"),
    *("decided_by", "decided_at", "plan_id"),
)


async def list_hand_decisions(session: ReadSession, agreement_ids: Collection[str]) -> dict[str, list[HandDecision]]:
    """Agreement → what was found, decided or asked about its charges."""
    column = HandBillingRow.agreement_id
    query = select(HandBillingRow).where(column == any_(cast(list(agreement_ids), ARRAY(column.type))))
    found: dict[str, list[HandDecision]] = defaultdict(list)
    for row in await session.scalars(query.order_by(HandBillingRow.line_id)):
        found[row.agreement_id].append(
            HandDecision(
                row.line_id,
                row.subscription_id,
                ByHand(row.choice),
                row.addition_id,
                row.charged,
                row.words,
                row.decided_by,
                row.reason,
            )
        )
    return found


async def keep_hand_decisions(
    session: WriteSession, plan_id: UUID, decisions: Iterable[tuple[str, HandDecision]]
) -> None:
    """Each, given with its agreement, replaces what was known of the same line before."""
    partner_id, now = session.circumstances.partner_id, clock.now()
    rows = [
        {
            "partner_id": partner_id,
            "line_id": each.line_id,
            "choice": each.choice.value,
            "agreement_id": agreement_id,
            "subscription_id": each.subscription_id,
            "addition_id": each.addition_id,
            "charged": each.charged,
            "words": each.words,
            "reason": each.reason,
            "decided_by": each.decided_by,
            "decided_at": now,
            "plan_id": plan_id,
        }
        for agreement_id, each in decisions
    ]
    statement = insert(HandBillingRow)
    renewed = {name: statement.excluded[name] for name in _RENEWED}
    for start in range(0, len(rows), _BATCH):
        await session.execute(
            statement.on_conflict_do_update(index_elements=["partner_id", "line_id"], set_=renewed),
            rows[start : start + _BATCH],
        )


async def forget_questions(session: WriteSession, line_ids: Collection[UUID]) -> None:
    """Questions that are open no more."""
    is_asked = HandBillingRow.choice == ByHand.ASK.value
    if line_ids:
        await session.execute(delete(HandBillingRow).where(HandBillingRow.line_id.in_(line_ids), is_asked))


async def add_entries(session: WriteSession, plan_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Insert what a plan shows; `rows` leave out plan and partner."""
    common = {"plan_id": plan_id, "partner_id": session.circumstances.partner_id}
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(PlanByHandRow), [{**common, **row} for row in rows[start : start + _BATCH]])


async def list_entries(
    session: ReadSession, plan_id: UUID, *, state: ByHand | None, after: int | None, limit: int
) -> Sequence[PlanByHandRow]:
    """In order of position, from the one after `after`."""
    query = select(PlanByHandRow).where(PlanByHandRow.plan_id == plan_id).order_by(PlanByHandRow.position).limit(limit)
    if state is not None:
        query = query.where(PlanByHandRow.state == state.value)
    if after is not None:
        query = query.where(PlanByHandRow.position > after)
    return (await session.scalars(query)).all()


async def lock_entries(session: WriteSession, plan_id: UUID, line_ids: Collection[UUID]) -> Sequence[PlanByHandRow]:
    """Those of some lines, held against others until the transaction ends."""
    query = (
        select(PlanByHandRow)
        .where(PlanByHandRow.plan_id == plan_id, PlanByHandRow.line_id.in_(line_ids))
        .order_by(PlanByHandRow.position)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def replace_unsent(session: WriteSession, plan_id: UUID, lines: Sequence[UnsentLine]) -> None:
    """Lines that stay behind for another reason than billing knew, or that billing wanted to be sent."""
    statement = insert(UnsentRow)
    changed = statement.on_conflict_do_update(
        index_elements=["plan_id", "line_id"], set_={"line": statement.excluded.line}
    )
    partner_id = session.circumstances.partner_id
    rows = [
        {"plan_id": plan_id, "line_id": each.line_id, "partner_id": partner_id, "line": each.model_dump(mode="json")}
        for each in lines
    ]
    for start in range(0, len(rows), _BATCH):
        await session.execute(changed, rows[start : start + _BATCH])
