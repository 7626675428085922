"""Reads and writes what we know of our additions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, aggregate_order_by, insert

from services.contracts.shapes import DesiredAddition
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.additions.history import keep_held
from services.sync.additions.models import UnresolvedCreate, WrittenAddition
from services.sync.additions.written import Written
from services.sync.psas.addition import AdditionValues

_BATCH = 500  # rows per INSERT
_MOST_IDS = 10_000  # parameters per SELECT; PostgreSQL takes 32,767
_NAMES = ("organization", "company", "agreement", "product", "subscription")
_RENEWED = (
    "addition_id",
    "is_open",
    "names",
    "held",
    "held_before",
    "wanted_effective_date",
    "run_id",
    "written_at",
    "gone_at",
)
_CHARGE = ("organization_id", "line_id", "charged_from", "charged_through", "charged_in")
"""Whose charge stands behind an addition, and through which day."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the PSA holds under the marker of a desired addition."""

    desired: DesiredAddition
    addition_id: str
    values: AdditionValues
    replaced: AdditionValues | None = None
    """What it held before, where it was updated."""
    is_new: bool = False
    """It was made just now."""


class Ended(NamedTuple):
    """An addition of ours with its last billed day."""

    marker: str
    addition_id: str
    values: AdditionValues


async def list_written(session: ReadSession, agreement_ids: Collection[str]) -> list[Written]:
    """Everything we wrote on these agreements, additions that are gone included."""
    found: list[Written] = []
    ids = list(agreement_ids)
    for start in range(0, len(ids), _MOST_IDS):
        query = select(WrittenAddition).where(WrittenAddition.agreement_id.in_(ids[start : start + _MOST_IDS]))
        found += [as_written(row) for row in await session.scalars(query)]
    return found


async def list_our_agreements(session: ReadSession) -> set[str]:
    """Agreements that hold additions of ours, or may hold one whose create was never answered."""
    written = select(WrittenAddition.agreement_id).where(WrittenAddition.gone_at.is_(None))
    return set((await session.scalars(written.union(select(UnresolvedCreate.agreement_id)))).all())


async def list_agreements_with_twins(session: ReadSession) -> set[str]:
    """Agreements on which the last examination found twins."""
    query = select(WrittenAddition.agreement_id).where(WrittenAddition.twins_seen_at.is_not(None))
    return set((await session.scalars(query)).all())


def as_written(row: WrittenAddition) -> Written:
    return Written(
        marker=row.marker,
        agreement_id=row.agreement_id,
        addition_id=row.addition_id,
        subscription_id=row.subscription_id,
        is_recurring=row.is_recurring,
        currency=row.currency,
        names=row.names,
        values=AdditionValues.model_validate(row.held),
        wanted_effective_date=row.wanted_effective_date,
        ended_on=row.ended_on,
        written_at=row.written_at,
        is_gone=row.gone_at is not None,
        organization_id=row.organization_id,
        line_id=row.line_id,
        charged_from=row.charged_from,
        charged_through=row.charged_through,
        held_before=row.held_before,
        charged_in=row.charged_in,
        gaps=[(date.fromisoformat(first), date.fromisoformat(last)) for first, last in row.gaps],
        invoiced_before=row.invoiced_before,
    )


async def has_endable(session: ReadSession) -> bool:
    """Whether any addition of ours is open and recurring."""
    return (await session.scalar(select(exists().where(WrittenAddition.is_recurring, WrittenAddition.is_open)))) is True


async def record_found(
    session: WriteSession, run_id: UUID, found: Sequence[Found], next_invoices: Mapping[str, date]
) -> None:
    """Keep what the PSA now holds under our markers.

    Args:
        next_invoices: agreement → its first day that is not invoiced.
    """
    histories = await _continue_histories(session, found, next_invoices)
    rows = [
        _written_row(session, run_id, each, histories.get(each.desired.marker, []), next_invoices) for each in found
    ]
    for start in range(0, len(rows), _BATCH):
        statement = insert(WrittenAddition)
        renewed = {name: statement.excluded[name] for name in _RENEWED} | _renew_charge(statement)
        is_same = WrittenAddition.addition_id == statement.excluded.addition_id
        made = case((is_same, WrittenAddition.invoiced_before), else_=statement.excluded.invoiced_before)
        renewed["invoiced_before"] = made
        upsert = statement.on_conflict_do_update(index_elements=["partner_id", "marker"], set_=renewed)
        await session.execute(upsert, rows[start : start + _BATCH])


async def _continue_histories(
    session: ReadSession, found: Sequence[Found], next_invoices: Mapping[str, date]
) -> dict[str, list[dict[str, Any]]]:
    """Marker → history of the additions that were there before."""
    query = select(WrittenAddition).where(WrittenAddition.marker.in_([each.desired.marker for each in found]))
    known = {row.marker: row for row in await session.scalars(query)} if found else {}
    histories: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        row = known.get(each.desired.marker)
        if row is not None and row.addition_id == each.addition_id:
            histories[row.marker] = _continue_history(row, each, next_invoices.get(row.agreement_id))
    return histories


def _continue_history(row: WrittenAddition, found: Found, next_invoice: date | None) -> list[dict[str, Any]]:
    replaced = found.replaced or AdditionValues.model_validate(row.held)
    return _keep_held(row, replaced, next_invoice) if replaced != found.values else row.held_before


def _keep_held(row: WrittenAddition, replaced: AdditionValues, next_invoice: date | None) -> list[dict[str, Any]]:
    """Nothing was billed with what is replaced before an invoice has come."""
    if next_invoice is not None and row.invoiced_before == next_invoice:
        return row.held_before
    return keep_held(row.held_before, replaced, next_invoice)


def _written_row(
    session: WriteSession,
    run_id: UUID,
    found: Found,
    history: list[dict[str, Any]],
    next_invoices: Mapping[str, date],
) -> dict[str, Any]:
    desired = found.desired
    return {
        "partner_id": session.circumstances.partner_id,
        "marker": desired.marker,
        "agreement_id": desired.agreement_id,
        "addition_id": found.addition_id,
        "subscription_id": desired.subscription_id,
        "is_recurring": desired.is_recurring,
        "is_open": found.values.is_open,
        "currency": desired.currency,
        "names": {name: getattr(desired, name) for name in _NAMES},
        "held": found.values.as_json(),
        "held_before": history,
        "wanted_effective_date": desired.effective_date,
        "invoiced_before": next_invoices.get(desired.agreement_id) if found.is_new else None,
        **_charge_of(desired),
        "run_id": run_id,
        "written_at": clock.now(),
        "gone_at": None,
    }


def _charge_of(desired: DesiredAddition) -> dict[str, Any]:
    return {
        "organization_id": desired.organization_id,
        "line_id": desired.line_id,
        "charged_from": desired.bills_from,
        "charged_through": desired.bills_through,
        "charged_in": desired.period,
    }


def _renew_charge(statement: Insert) -> dict[str, ColumnElement[Any]]:
    """An earlier month that is pushed again does not take back what a later one is charged for."""
    known, fresh = WrittenAddition.charged_through, statement.excluded.charged_through
    is_newer = or_(known.is_(None), fresh.is_(None), fresh >= known)
    columns = {name: getattr(WrittenAddition, name) for name in _CHARGE}
    renewed = {
        name: case((is_newer, func.coalesce(statement.excluded[name], column)), else_=column)
        for name, column in columns.items()
    }
    return renewed | {"gaps": _add_gap(statement.excluded.charged_from)}


def _add_gap(fresh: ColumnElement[Any]) -> ColumnElement[Any]:
    """The gaps, with that between what was charged last and a charge whose billing periods begin on a later day."""
    known, gaps = WrittenAddition.charged_through, WrittenAddition.gaps
    gap = func.jsonb_build_array(known + 1, fresh - 1)
    has_gap = and_(WrittenAddition.is_recurring, fresh > known + 1)
    return case((has_gap, gaps.concat(func.jsonb_build_array(gap))), else_=gaps)


async def record_charges(session: WriteSession, desired: Sequence[DesiredAddition]) -> None:
    """Keep which charge stands behind additions that are as they should be; those with unknown periods are left out.

    Their version stays as it was: nothing was written, so no other plan has lost its ground.
    """
    through, begins = bindparam("new_charged_through", type_=Date()), bindparam("new_charged_from", type_=Date())
    statement = (
        update(WrittenAddition)
        .where(
            WrittenAddition.partner_id == session.circumstances.partner_id,
            WrittenAddition.marker == bindparam("of_marker"),
            or_(WrittenAddition.charged_through.is_(None), WrittenAddition.charged_through <= through),
        )
        .values({name: bindparam(f"new_{name}") for name in _CHARGE} | {"gaps": _add_gap(begins)})
    )
    rows = [
        {"of_marker": each.marker, **{f"new_{name}": value for name, value in _charge_of(each).items()}}
        for each in desired
        if each.bills_through is not None
    ]
    if rows:
        # Not by the session, which takes a list of rows for an update by primary key.
        await (await session.connection()).execute(statement, rows)


async def record_end(session: WriteSession, run_id: UUID, ended: Ended, next_invoice: date | None) -> None:
    """Keep that an addition of ours was given its last billed day.

    Args:
        next_invoice: the first day of its agreement that is not invoiced.
    """
    marker, addition_id, values = ended
    of_it = (WrittenAddition.marker == marker, WrittenAddition.addition_id == addition_id)
    row = await session.scalar(select(WrittenAddition).where(*of_it))
    if row is None:
        return
    replaced = AdditionValues.model_validate(row.held)
    await session.execute(
        update(WrittenAddition)
        .where(*of_it)
        .values(
            held=values.as_json(),
            held_before=_keep_held(row, replaced, next_invoice),
            is_open=values.is_open,
            ended_on=values.cancelled_date,
            run_id=run_id,
            written_at=clock.now(),
        )
    )


async def record_gone(session: WriteSession, markers: Collection[str]) -> None:
    """Keep that additions are gone from the PSA, each from when it was noticed first."""
    if markers:
        await session.execute(
            update(WrittenAddition)
            .where(WrittenAddition.marker.in_(markers), WrittenAddition.gone_at.is_(None))
            .values(gone_at=clock.now(), is_open=False)
        )


async def note_twins(session: WriteSession, agreement_ids: Collection[str], markers: Collection[str]) -> None:
    """Keep which additions of these agreements were found to have twins, and forget what was found there before."""
    has_twins = WrittenAddition.marker.in_(list(markers))
    await session.execute(
        update(WrittenAddition)
        .where(
            WrittenAddition.agreement_id.in_(list(agreement_ids)),
            or_(has_twins, WrittenAddition.twins_seen_at.is_not(None)),
        )
        .values(twins_seen_at=case((has_twins, literal(clock.now(), DateTime(timezone=True)))))
    )


async def read_versions(session: ReadSession, agreement_ids: Collection[str]) -> dict[str, str]:
    """Agreement → a text that changes whenever any run of ours records a write there; absent where none ever did."""
    spelled = func.concat_ws("/", WrittenAddition.marker, WrittenAddition.run_id, WrittenAddition.written_at)
    version = func.md5(func.string_agg(spelled, aggregate_order_by(literal(","), WrittenAddition.marker)))
    query = (
        select(WrittenAddition.agreement_id, version)
        .where(WrittenAddition.agreement_id.in_(list(agreement_ids)))
        .group_by(WrittenAddition.agreement_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_unresolved(session: ReadSession, agreement_ids: Collection[str]) -> dict[str, UnresolvedCreate]:
    """Marker → create on these agreements whose outcome is not known."""
    query = select(UnresolvedCreate).where(UnresolvedCreate.agreement_id.in_(list(agreement_ids)))
    return {each.marker: each for each in await session.scalars(query)}


async def note_creates(session: WriteSession, run_id: UUID, creates: Sequence[tuple[str, str]]) -> None:
    """Keep that creates, given as (marker, agreement), are about to be sent."""
    if creates:
        statement = insert(UnresolvedCreate)
        renewed = {"run_id": statement.excluded.run_id, "sent_at": statement.excluded.sent_at}
        upsert = statement.on_conflict_do_update(index_elements=["partner_id", "marker"], set_=renewed)
        partner, now = session.circumstances.partner_id, clock.now()
        rows = [
            {"partner_id": partner, "marker": marker, "agreement_id": agreement_id, "run_id": run_id, "sent_at": now}
            for marker, agreement_id in creates
        ]
        await session.execute(upsert, rows)


async def resolve_creates(session: WriteSession, markers: Collection[str], not_after: datetime) -> None:
    """The outcome of these creates is known, unless they were sent once more after `not_after`."""
    if markers:
        condition = (UnresolvedCreate.marker.in_(list(markers)), UnresolvedCreate.sent_at <= not_after)
        await session.execute(delete(UnresolvedCreate).where(*condition))


async def known_markers(session: ReadSession, markers: Sequence[str]) -> set[str]:
    """Those under which we know an addition."""
    known: set[str] = set()
    for start in range(0, len(markers), _MOST_IDS):
        query = select(WrittenAddition.marker).where(WrittenAddition.marker.in_(markers[start : start + _MOST_IDS]))
        known.update((await session.scalars(query)).all())
    return known
