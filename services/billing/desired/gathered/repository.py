"""Reads and writes what is known of additions that carry parts of several lines."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.billing.desired.models import GatheredAdditionRow, TrueUpRow
from services.billing.documents import as_rows
from services.billing.matching import is_one_of
from services.billing.rules.gathered import Gathered
from services.billing.rules.identity import GatheredKind
from services.billing.rules.line import TrueUp
from services.kit.base.db import ReadSession, WriteSession

_WANTED = ("partner_id", "id", "kind", "marker", "organization_id", "agreement_id", "currency", "period")
_SENT = ("id", "addition_id", "amount", "bills_from", "bills_through", "sent_at")

Kinds = Mapping[UUID, GatheredKind]


async def keep_wanted(session: WriteSession, wanted: Sequence[dict[str, Any]]) -> None:
    """Note additions that a plan wants; those that are known stay as they are."""
    if wanted:
        rows = as_rows(GatheredAdditionRow, _WANTED, wanted)
        statement = insert(GatheredAdditionRow).from_select(_WANTED, select(rows))
        await session.execute(statement.on_conflict_do_nothing(index_elements=["partner_id", "id"]))


async def find_kinds(session: ReadSession, ids: Collection[UUID]) -> Kinds:
    """Which of some ids are those of gathered additions, and of what kind."""
    query = select(GatheredAdditionRow.id, GatheredAdditionRow.kind)
    rows = await session.execute(query.where(is_one_of(GatheredAdditionRow.id, ids)))
    return {row[0]: GatheredKind(row[1]) for row in rows}


async def find_sent(
    session: ReadSession, *, period: str | None = None, ids: Collection[UUID] = (), markers: Collection[str] = ()
) -> list[tuple[GatheredKind, Gathered]]:
    """Those that were sent: of a month, or some by id or marker."""
    known = GatheredAdditionRow
    query = select(known).where(known.amount.is_not(None)).order_by(known.id)
    if period is not None:
        query = query.where(known.period == period)
    elif ids:
        query = query.where(is_one_of(known.id, ids))
    else:
        query = query.where(is_one_of(known.marker, markers))
    rows = (await session.scalars(query)).all()
    true_ups = await _find_true_ups(session, [row.id for row in rows])
    return [(GatheredKind(row.kind), _read(row, true_ups.get(row.id, ()))) for row in rows]


async def _find_true_ups(session: ReadSession, ids: Collection[UUID]) -> dict[UUID, tuple[TrueUp, ...]]:
    if not ids:
        return {}
    found: dict[UUID, list[TrueUp]] = defaultdict(list)
    query = select(TrueUpRow).where(is_one_of(TrueUpRow.line_id, ids)).order_by(TrueUpRow.number)
    for row in await session.scalars(query):
        found[row.line_id].append(
            TrueUp(
                row.number,
                row.marker,
                row.agreement_id,
                row.amount,
                row.bills_from,
                row.bills_through,
                row.addition_id,
                is_withdrawn=row.withdrawn_at is not None,
            )
        )
    return {line_id: tuple(each) for line_id, each in found.items()}


def _read(row: GatheredAdditionRow, true_ups: tuple[TrueUp, ...]) -> Gathered:
    assert row.amount is not None  # noqa: S101 - the query asks for nothing else
    return Gathered(
        id=row.id,
        marker=row.marker,
        organization_id=row.organization_id,
        agreement_id=row.agreement_id,
        currency=row.currency,
        amount=row.amount,
        bills_from=row.bills_from,
        bills_through=row.bills_through,
        addition_id=row.addition_id,
        true_ups=true_ups,
    )


async def keep_sent(session: WriteSession, sent: Sequence[dict[str, Any]]) -> None:
    """Write additions as they were sent last."""
    if not sent:
        return
    known, rows = GatheredAdditionRow, as_rows(GatheredAdditionRow, _SENT, sent)
    values = {name: rows.c[name] for name in _SENT if name != "id"}
    await session.execute(update(known).where(known.id == rows.c.id).values(values))


async def forget_sent(session: WriteSession, ids: Collection[UUID]) -> None:
    """Note that additions bill no more, without having been invoiced."""
    if ids:
        nothing = {"amount": None, "addition_id": None, "bills_from": None, "bills_through": None, "sent_at": None}
        await session.execute(update(GatheredAdditionRow).where(is_one_of(GatheredAdditionRow.id, ids)).values(nothing))


async def withdraw_true_up(session: WriteSession, id_: UUID, number: int, now: datetime) -> None:
    """Note that a true-up was taken back before it was invoiced."""
    wanted = (TrueUpRow.line_id == id_, TrueUpRow.number == number)
    await session.execute(update(TrueUpRow).where(*wanted).values(withdrawn_at=now))
