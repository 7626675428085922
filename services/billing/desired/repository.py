"""Reads and writes what is known of persistent additions."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.billing.desired.models import PersistentAdditionRow
from services.billing.documents import as_rows
from services.billing.matching import is_one_of
from services.kit.base.db import ReadSession, WriteSession

_PLACE = ("partner_id", "subscription_id", "agreement_id")
_FIELDS = ("invoice_id", "row_id", "period", "effective_date", "amount")


async def find_persistent_additions(
    session: ReadSession, subscription_ids: Collection[str]
) -> Sequence[PersistentAdditionRow]:
    """The persistent additions of some subscriptions, on whatever agreements."""
    if not subscription_ids:
        return []
    query = select(PersistentAdditionRow).where(is_one_of(PersistentAdditionRow.subscription_id, subscription_ids))
    return (await session.execute(query)).scalars().all()


async def keep_persistent_additions(session: WriteSession, additions: Sequence[dict[str, Any]]) -> None:
    """Remember what drives persistent additions now; an earlier month never takes one back from a later."""
    if not additions:
        return
    names = (*_PLACE, *_FIELDS, "begun_by")  # who began it is not taken over
    told = select(as_rows(PersistentAdditionRow, names, additions))
    statement = insert(PersistentAdditionRow).from_select(names, told)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=_PLACE,
            set_={field: statement.excluded[field] for field in _FIELDS},
            where=PersistentAdditionRow.period <= statement.excluded.period,
        )
    )


async def forget_persistent_additions(session: WriteSession, places: Sequence[tuple[str, str]]) -> None:
    """Forget persistent additions that were cancelled, each given as (subscription, agreement)."""
    if places:
        held = tuple_(PersistentAdditionRow.subscription_id, PersistentAdditionRow.agreement_id)
        await session.execute(delete(PersistentAdditionRow).where(held.in_(places)))
