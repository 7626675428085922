"""Stores what loads find. Rows go in by COPY through a temporary table, which walls allow."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, any_, cast, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import InstrumentedAttribute, defer

from services.contracts.shapes import RowFacts, VanishedRow
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession, copy_rows, driver_of
from services.sync.loads.charges import Charge
from services.sync.loads.completeness import Invoiced
from services.sync.loads.models import InvoiceRecord, InvoiceRowRecord, LoadInvoice, PeriodCompletenessRow
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.verdict import RowSum
from services.sync.marketplaces.port import InvoiceRow

NOTED_AT_ONCE = 1_000  # 7 parameters each; a statement takes 32,767

PeriodSummary = tuple[int, int, int, datetime]
"""Rows in force, invoices, quarantined ones, last load."""

_WITHOUT_TEXTS = (defer(LoadInvoice.raw, raiseload=True), defer(LoadInvoice.bad_text, raiseload=True))
_FACTS = tuple(RowFacts.model_fields)
_FIELDS = set(_FACTS)
_values = attrgetter(*_FACTS)
_ROW_COLUMNS = ["run_id", "ordinal", "partner_id", *_FACTS, "raw"]
_MAKE_INCOMING = "CREATE TEMP TABLE IF NOT EXISTS incoming_row (LIKE sync.invoice_row) ON COMMIT DELETE ROWS"
_TAKE_IN = (
    f"INSERT INTO sync.invoice_row ({', '.join(_ROW_COLUMNS)}) SELECT {', '.join(_ROW_COLUMNS)} FROM incoming_row"  # noqa: S608 - column names of this module
)
# Null stands in rows of an older build for a text that it did not read.
_READ_FACTS = ", ".join(
    f"coalesce({name}, '') AS {name}" if fact.default == "" else name for name, fact in RowFacts.model_fields.items()
)
_READ = (
    f"SELECT {_READ_FACTS} FROM sync.invoice_row "  # noqa: S608 - column names of this module
    "WHERE run_id = $1 AND ordinal >= $2 AND ordinal < $3 AND invoice_id = ANY($4::text[]) ORDER BY ordinal"
)
_SUM = text("""
SELECT invoice_id, sum(copies), sum(total), max(row_id) FILTER (WHERE copies > 1)
FROM (
  SELECT invoice_id, row_id, count(*) AS copies, sum(total) AS total FROM sync.invoice_row
  WHERE run_id = :run AND ordinal >= :first AND ordinal < :end AND invoice_id = ANY(:invoices)
  GROUP BY invoice_id, row_id
) AS one
GROUP BY invoice_id
""")
# EXCEPT, because an anti-join by index compares every old row with every new one while the planner
# has no figures yet: a re-load of 1,200-row invoices took five times as long.
_VANISHED = """
SELECT before.invoice_id, before.row_id FROM sync.invoice AS known
JOIN sync.invoice_row AS before
  ON before.partner_id = known.partner_id AND before.invoice_id = known.invoice_id
  AND before.run_id = known.valid_run_id
WHERE known.invoice_id = ANY(:invoices) AND known.valid_run_id <> :run
EXCEPT
SELECT fresh.invoice_id, fresh.row_id FROM sync.invoice_row AS fresh
WHERE fresh.run_id = :run AND fresh.invoice_id = ANY(:invoices)
ORDER BY 1, 2
"""
_DROP_OLDER = """
DELETE FROM sync.invoice_row AS old USING sync.invoice AS known
WHERE old.partner_id = known.partner_id AND old.invoice_id = known.invoice_id
  AND old.invoice_id = ANY(:invoices) AND old.run_id <> :run AND old.run_id IS DISTINCT FROM known.valid_run_id
"""
_MISSING = """
UPDATE sync.invoice AS known SET vanished_at = now(), latest_run_id = :run
WHERE known.period = ANY(:periods) AND known.vanished_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sync.load_invoice AS found WHERE found.run_id = :run AND found.invoice_id = known.invoice_id)
RETURNING known.invoice_id, known.period
"""


async def add_invoices(session: WriteSession, invoices: Sequence[dict[str, Any]]) -> None:
    """Headers of a load, each with its key and all that was read of it."""
    if invoices:
        await session.execute(insert(LoadInvoice).on_conflict_do_nothing(), list(invoices))


async def list_invoices(
    session: ReadSession, run_id: UUID, states: Iterable[InvoiceState] | None = None
) -> Sequence[LoadInvoice]:
    """In the order in which a load works on them."""
    query = select(LoadInvoice).where(LoadInvoice.run_id == run_id)
    if states is not None:
        query = query.where(LoadInvoice.state.in_([state.value for state in states]))
    query = query.order_by(LoadInvoice.invoice_date, LoadInvoice.invoice_id).options(*_WITHOUT_TEXTS)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def page_of_invoices(
    session: ReadSession, run_id: UUID, state: InvoiceState | None, after: tuple[str, str] | None, limit: int
) -> Sequence[LoadInvoice]:
    """By number, then id."""
    query = select(LoadInvoice).where(LoadInvoice.run_id == run_id)
    if state is not None:
        query = query.where(LoadInvoice.state == state.value)
    if after is not None:
        query = query.where(tuple_(LoadInvoice.number, LoadInvoice.invoice_id) > after)
    query = query.order_by(LoadInvoice.number, LoadInvoice.invoice_id).options(*_WITHOUT_TEXTS).limit(limit)
    return (await session.scalars(query)).all()


async def count_by_state(session: ReadSession, run_id: UUID) -> dict[InvoiceState, int]:
    query = select(LoadInvoice.state, func.count()).where(LoadInvoice.run_id == run_id).group_by(LoadInvoice.state)
    return {InvoiceState(state): count for state, count in (await session.execute(query))}


async def decide_invoices(session: WriteSession, run_id: UUID, verdicts: Sequence[dict[str, Any]]) -> None:
    """Write state, reason, counts of some invoices; each dict has `invoice_id` and the columns to set."""
    if verdicts:
        await session.execute(update(LoadInvoice), [{"run_id": run_id, **each} for each in verdicts])


async def write_rows(session: WriteSession, run_id: UUID, first_ordinal: int, rows: Sequence[InvoiceRow]) -> None:
    """Append rows of a load; they are numbered from `first_ordinal`."""
    partner = session.circumstances.partner_id
    records = (
        (run_id, ordinal, partner, *_values(row.facts), row.raw.replace("\x00", ""))
        for ordinal, row in enumerate(rows, first_ordinal)
    )
    await session.execute(text(_MAKE_INCOMING))
    await copy_rows(session, "incoming_row", _ROW_COLUMNS, records)
    await session.execute(text(_TAKE_IN))
    await session.execute(text("TRUNCATE incoming_row"))


async def drop_rows(session: WriteSession, run_id: UUID, invoice_ids: Sequence[str]) -> None:
    """Forget rows of an attempt that was broken off."""
    await session.execute(
        delete(InvoiceRowRecord).where(
            InvoiceRowRecord.run_id == run_id, _among(InvoiceRowRecord.invoice_id, invoice_ids)
        )
    )


async def drop_unfinished_rows(session: WriteSession, run_id: UUID) -> None:
    """Forget rows of invoices that a killed worker had begun to read."""
    pending = select(LoadInvoice.invoice_id).where(
        LoadInvoice.run_id == run_id, LoadInvoice.state == InvoiceState.PENDING.value
    )
    await session.execute(
        delete(InvoiceRowRecord).where(InvoiceRowRecord.run_id == run_id, InvoiceRowRecord.invoice_id.in_(pending))
    )


async def next_ordinal(session: ReadSession, run_id: UUID) -> int:
    query = select(func.coalesce(func.max(InvoiceRowRecord.ordinal) + 1, 0)).where(InvoiceRowRecord.run_id == run_id)
    return (await session.scalars(query)).one()


async def sum_rows(
    session: ReadSession, run_id: UUID, span: tuple[int, int], invoice_ids: Sequence[str]
) -> dict[str, RowSum]:
    """The written rows of some invoices, added up; `span` holds them all, from its first ordinal to before its end."""
    asked = {"run": run_id, "first": span[0], "end": span[1], "invoices": list(invoice_ids)}
    return {
        key: RowSum(int(count), total, repeated) for key, count, total, repeated in await session.execute(_SUM, asked)
    }


async def read_rows(
    session: ReadSession, run_id: UUID, first: int, end: int, invoice_ids: Collection[str]
) -> list[RowFacts]:
    """The rows of some invoices of a load, from one ordinal to before another.

    They are not checked again: they were when they came.
    """
    driver = await driver_of(session)
    records = await driver.fetch(_READ, run_id, first, end, list(invoice_ids))
    return [RowFacts.model_construct(_FIELDS, **record) for record in records]


async def known_invoices(session: ReadSession, invoice_ids: Sequence[str]) -> set[str]:
    """Those of the invoices that an earlier load found."""
    query = select(InvoiceRecord.invoice_id).where(_among(InvoiceRecord.invoice_id, invoice_ids))
    return set((await session.scalars(query)).all())


async def find_vanished(session: ReadSession, run_id: UUID, invoice_ids: Sequence[str]) -> list[VanishedRow]:
    """Rows in force that this load's version of their invoice no longer has."""
    found = await session.execute(text(_VANISHED), {"run": run_id, "invoices": list(invoice_ids)})
    return [VanishedRow(invoice_id=invoice_id, row_id=row_id) for invoice_id, row_id in found]


async def note_invoices(session: WriteSession, run_id: UUID, found: Sequence[dict[str, Any]]) -> None:
    """What the latest load made of some invoices: `invoice_id`, `period`, `latest_state`, `rows`, `is_good`.

    Good ones put this load's rows in force; the others leave in force what was before.
    """
    partner = session.circumstances.partner_id
    for is_good in (True, False):
        rows = [
            {
                "partner_id": partner,
                "invoice_id": each["invoice_id"],
                "period": each["period"],
                "latest_run_id": run_id,
                "latest_state": each["latest_state"],
                "valid_run_id": run_id if is_good else None,
                "rows": each["rows"] if is_good else 0,
            }
            for each in found
            if each["is_good"] is is_good
        ]
        for start in range(0, len(rows), NOTED_AT_ONCE):
            await session.execute(_note(rows[start : start + NOTED_AT_ONCE], is_good=is_good))


def _among(column: InstrumentedAttribute[str], values: Sequence[str]) -> ColumnElement[bool]:
    """One array parameter, where IN would take one for each value and a day can have more than 32,767."""
    return column == any_(cast(list(values), ARRAY(Text)))


def _note(rows: Sequence[dict[str, Any]], *, is_good: bool) -> Insert:
    statement = insert(InvoiceRecord).values(list(rows))
    columns = ["period", "latest_run_id", "latest_state", *(["valid_run_id", "rows"] if is_good else [])]
    changes: dict[str, Any] = {name: statement.excluded[name] for name in columns}
    changes |= {"vanished_at": None, "loaded_at": func.now()}
    return statement.on_conflict_do_update(index_elements=["partner_id", "invoice_id"], set_=changes)


async def drop_older_rows(session: WriteSession, run_id: UUID, invoice_ids: Sequence[str]) -> None:
    """Forget what earlier loads read of these invoices, but for the rows in force."""
    await session.execute(text(_DROP_OLDER), {"run": run_id, "invoices": list(invoice_ids)})


async def mark_missing(session: WriteSession, run_id: UUID, periods: Sequence[str]) -> dict[str, list[str]]:
    """Invoices of these periods that this load did not find at all, by period."""
    missing: dict[str, list[str]] = {}
    for invoice_id, period in await session.execute(text(_MISSING), {"run": run_id, "periods": list(periods)}):
        missing.setdefault(period, []).append(invoice_id)
    return missing


async def find_valid_rows(session: ReadSession, invoice_ids: Sequence[str]) -> list[VanishedRow]:
    """The rows in force of some invoices."""
    query = (
        select(InvoiceRowRecord.invoice_id, InvoiceRowRecord.row_id)
        .join(
            InvoiceRecord,
            (InvoiceRecord.partner_id == InvoiceRowRecord.partner_id)
            & (InvoiceRecord.invoice_id == InvoiceRowRecord.invoice_id)
            & (InvoiceRecord.valid_run_id == InvoiceRowRecord.run_id),
        )
        .where(_among(InvoiceRecord.invoice_id, invoice_ids))
        .order_by(InvoiceRowRecord.invoice_id, InvoiceRowRecord.ordinal)
    )
    return [VanishedRow(invoice_id=one, row_id=other) for one, other in (await session.execute(query))]


async def summarize_periods(session: ReadSession) -> dict[str, PeriodSummary]:
    """Period → rows in force, invoices, quarantined ones, last load."""
    quarantined = func.count().filter(InvoiceRecord.latest_state == InvoiceState.QUARANTINED.value)
    query = (
        select(
            InvoiceRecord.period,
            func.coalesce(func.sum(InvoiceRecord.rows), 0),
            func.count(),
            quarantined,
            func.max(InvoiceRecord.loaded_at),
        )
        .where(InvoiceRecord.vanished_at.is_(None))
        .group_by(InvoiceRecord.period)
    )
    return {
        period: (int(rows), count, bad, loaded_at)
        for period, rows, count, bad, loaded_at in (await session.execute(query))
    }


async def list_charges(
    session: ReadSession, subscription_ids: Collection[str], *, first: str, last: str | None = None
) -> list[Charge]:
    """What AppXite charges for subscriptions from one period to another, or to the newest.

    Rows of the latest load count beside those in force: one that was quarantined still says that something is charged.
    """
    if not subscription_ids:
        return []
    query = (
        select(
            InvoiceRowRecord.subscription_id,
            InvoiceRowRecord.invoice_id,
            InvoiceRowRecord.row_id,
            InvoiceRowRecord.charge_type,
            InvoiceRowRecord.is_custom,
        )
        .distinct()
        .join(InvoiceRecord, InvoiceRecord.invoice_id == InvoiceRowRecord.invoice_id)
        .where(
            _among(InvoiceRowRecord.subscription_id, list(subscription_ids)),
            InvoiceRowRecord.run_id.in_([InvoiceRecord.valid_run_id, InvoiceRecord.latest_run_id]),
            InvoiceRecord.period >= first,
            InvoiceRecord.vanished_at.is_(None),
        )
    )
    if last is not None:
        query = query.where(InvoiceRecord.period <= last)
    return [Charge(*row) for row in await session.execute(query)]


async def list_invoiced(session: ReadSession, period: str) -> list[Invoiced]:
    """Each invoice of a period as its latest load found it, once for each customer that its rows name."""
    query = (
        select(InvoiceRowRecord.organization_id, LoadInvoice.organization, LoadInvoice.state, LoadInvoice.is_sendable)
        .distinct()
        .select_from(InvoiceRecord)
        .join(
            LoadInvoice,
            (LoadInvoice.run_id == InvoiceRecord.latest_run_id) & (LoadInvoice.invoice_id == InvoiceRecord.invoice_id),
        )
        .outerjoin(
            InvoiceRowRecord,
            (InvoiceRowRecord.invoice_id == InvoiceRecord.invoice_id)
            & InvoiceRowRecord.run_id.in_([InvoiceRecord.valid_run_id, InvoiceRecord.latest_run_id]),
        )
        .where(InvoiceRecord.period == period, InvoiceRecord.vanished_at.is_(None))
    )
    return [
        Invoiced(organization_id or "", organization, InvoiceState(state), is_sendable)
        for organization_id, organization, state, is_sendable in await session.execute(query)
    ]


async def list_complete_periods(session: ReadSession) -> set[str]:
    """Those that a person calls complete."""
    query = select(PeriodCompletenessRow.period).where(PeriodCompletenessRow.is_complete)
    return set(await session.scalars(query))


async def set_completeness(session: WriteSession, period: str, is_complete: bool) -> None:
    values = {
        "is_complete": is_complete,
        "decided_by": session.circumstances.actor.name,
        "decided_at": clock.now(),
    }
    await session.execute(
        insert(PeriodCompletenessRow)
        .values(partner_id=session.circumstances.partner_id, period=period, **values)
        .on_conflict_do_update(index_elements=["partner_id", "period"], set_=values)
    )
