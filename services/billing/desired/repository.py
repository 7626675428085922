"""Reads and writes what is known of persistent additions and of true-ups."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.billing.desired.models import PersistentAdditionRow, TrueUpRow
from services.billing.documents import as_rows
from services.billing.matching import is_one_of
from services.contracts.shapes import EndedAddition
from services.kit.base.db import ReadSession, WriteSession

_KEY = ("partner_id", "subscription_id", "agreement_id", "segment")
_FIELDS = (
    *("addition_id", "invoice_id", "row_id", "period", "effective_date"),
    *("amount", "invoiced_before", "amount_before", "bills_from", "bills_through", "charge_end", "money", "ends_on"),
)
_FIRST = ("begun_by", "charged_from")
_ENDED = (*_KEY[1:], "addition_id", "last_billed_day")
_TRUE_UP = ("partner_id", "line_id", "number")
_SENT = ("marker", "agreement_id", "addition_id", "amount", "bills_from", "bills_through", "sent_at")


async def find_persistent_additions(
    session: ReadSession, subscription_ids: Collection[str]
) -> Sequence[PersistentAdditionRow]:
    """All segments of the persistent additions of some subscriptions, on whatever agreements, oldest first."""
    if not subscription_ids:
        return []
    known = PersistentAdditionRow
    query = select(known).where(is_one_of(known.subscription_id, subscription_ids)).order_by(known.segment)
    return (await session.scalars(query)).all()


async def keep_persistent_additions(session: WriteSession, additions: Sequence[dict[str, Any]]) -> None:
    """Remember what drives persistent additions now; an earlier month never takes one back from a later.

    A segment that had ended begins anew only where a plan made before its end has written it again.
    """
    if not additions:
        return
    names = (*_KEY, *_FIELDS, *_FIRST)
    rows = select(as_rows(PersistentAdditionRow, names, additions))
    statement = insert(PersistentAdditionRow).from_select(names, rows)
    known, new = PersistentAdditionRow, statement.excluded
    begins_anew = and_(known.ended_at.is_not(None), or_(known.period < new.period, known.last_billed_day.is_(None)))
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=_KEY,
            set_={field: new[field] for field in _FIELDS}
            | {
                **{field: case((begins_anew, new[field]), else_=getattr(known, field)) for field in _FIRST},
                "ended_at": case((begins_anew, None), else_=known.ended_at),
                "last_billed_day": case((begins_anew, None), else_=known.last_billed_day),
            },
            where=known.period <= new.period,
        )
    )


async def end_persistent_additions(session: WriteSession, ended: Sequence[dict[str, Any]], now: datetime) -> None:
    """Note the end of segments, unless one has been written anew since."""
    if not ended:
        return
    rows = as_rows(PersistentAdditionRow, _ENDED, [{name: each[name] for name in _ENDED} for each in ended])
    known = PersistentAdditionRow
    await session.execute(
        update(known)
        .where(
            known.subscription_id == rows.c.subscription_id,
            known.agreement_id == rows.c.agreement_id,
            known.segment == rows.c.segment,
            or_(known.addition_id.is_(None), known.addition_id == rows.c.addition_id),
        )
        .values(ended_at=now, last_billed_day=rows.c.last_billed_day)
    )


async def keep_true_ups(session: WriteSession, true_ups: Sequence[dict[str, Any]]) -> None:
    """Write true-ups as they were sent last."""
    if not true_ups:
        return
    partner_id = session.circumstances.partner_id
    names = (*_TRUE_UP, *_SENT)
    rows = as_rows(TrueUpRow, names, [{**each, "partner_id": partner_id} for each in true_ups])
    statement = insert(TrueUpRow).from_select(names, select(rows))
    written = {name: statement.excluded[name] for name in _SENT}
    await session.execute(statement.on_conflict_do_update(index_elements=_TRUE_UP, set_=written))


async def find_ended_true_ups(session: ReadSession, ended: Sequence[EndedAddition]) -> dict[UUID, set[int]]:
    """The true-ups among some ended additions: line → numbers."""
    query = select(TrueUpRow.line_id, TrueUpRow.number, TrueUpRow.marker, TrueUpRow.addition_id)
    query = query.where(is_one_of(TrueUpRow.marker, [each.marker for each in ended]), TrueUpRow.withdrawn_at.is_(None))
    over = {(each.marker, each.addition_id) for each in ended}
    found: dict[UUID, set[int]] = {}
    for line_id, number, marker, addition_id in await session.execute(query):
        if (marker, addition_id) in over:
            found.setdefault(line_id, set()).add(number)
    return found


async def withdraw_true_ups(session: WriteSession, line_id: UUID, numbers: Collection[int], now: datetime) -> None:
    """Note that true-ups of a line were taken back, so that neither they nor their numbers are used again."""
    wanted = (TrueUpRow.line_id == line_id, TrueUpRow.number.in_(numbers))
    await session.execute(update(TrueUpRow).where(*wanted).values(withdrawn_at=now))
