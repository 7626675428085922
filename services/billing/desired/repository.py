"""Reads and writes what is known of persistent additions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.billing.desired.models import PersistentAdditionRow
from services.billing.documents import as_rows
from services.billing.matching import is_one_of
from services.kit.base.db import ReadSession, WriteSession

_KEY = ("partner_id", "subscription_id", "agreement_id", "segment")
_FIELDS = (
    *("addition_id", "invoice_id", "row_id", "period", "effective_date", "amount"),
    *("bills_from", "bills_through", "charge_end", "money"),
)
_FIRST = ("begun_by", "charged_from")
_ENDED = (*_KEY[1:], "addition_id", "last_billed_day")


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
