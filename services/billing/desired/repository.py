"""Reads and writes what is known of persistent additions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.billing.desired.models import PersistentAdditionRow
from services.billing.documents import as_rows
from services.billing.matching import is_one_of
from services.contracts.shapes import EndedAddition
from services.kit.base.db import ReadSession, WriteSession

_KEY = ("partner_id", "subscription_id", "agreement_id")
_FIELDS = ("addition_id", "invoice_id", "row_id", "period", "effective_date", "amount")
_ENDED = ("subscription_id", "agreement_id", "addition_id", "last_billed_day")


async def find_persistent_additions(
    session: ReadSession, subscription_ids: Collection[str]
) -> Sequence[PersistentAdditionRow]:
    """The persistent additions of some subscriptions, on whatever agreements."""
    if not subscription_ids:
        return []
    query = select(PersistentAdditionRow).where(is_one_of(PersistentAdditionRow.subscription_id, subscription_ids))
    return (await session.scalars(query)).all()


async def keep_persistent_additions(session: WriteSession, additions: Sequence[dict[str, Any]]) -> None:
    """Remember what drives persistent additions now; an earlier month never takes one back from a later.

    One that had ended begins anew with a later month, or when it was gone and has been written again.
    """
    if not additions:
        return
    names = (*_KEY, *_FIELDS, "begun_by")
    rows = select(as_rows(PersistentAdditionRow, names, additions))
    statement = insert(PersistentAdditionRow).from_select(names, rows)
    known, new = PersistentAdditionRow, statement.excluded
    begins_anew = and_(known.ended_at.is_not(None), or_(known.period < new.period, known.last_billed_day.is_(None)))
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=_KEY,
            set_={field: new[field] for field in _FIELDS}
            | {
                "begun_by": case((begins_anew, new.begun_by), else_=known.begun_by),
                "ended_at": case((begins_anew, None), else_=known.ended_at),
                "last_billed_day": case((begins_anew, None), else_=known.last_billed_day),
            },
            where=known.period <= new.period,
        )
    )


async def end_persistent_additions(session: WriteSession, ended: Sequence[EndedAddition], now: datetime) -> None:
    """Note the end of persistent additions, unless one has been written anew since."""
    if not ended:
        return
    rows = as_rows(PersistentAdditionRow, _ENDED, [each.model_dump(mode="json", include=set(_ENDED)) for each in ended])
    known = PersistentAdditionRow
    await session.execute(
        update(known)
        .where(
            known.subscription_id == rows.c.subscription_id,
            known.agreement_id == rows.c.agreement_id,
            or_(known.addition_id.is_(None), known.addition_id == rows.c.addition_id),
        )
        .values(ended_at=now, last_billed_day=rows.c.last_billed_day)
    )
