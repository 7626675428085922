"""Reads and writes invoices as read, how far agreements were read, and what was expected of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, cast, func, literal, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.invoices.models import ExpectedBilling, InvoiceReading, PsaInvoiceRow
from services.sync.invoices.schemas import BilledState

_BATCH = 500  # rows per INSERT
_RENEWED = ("number", "day", "currency", "total", "products_total", "changed_at", "read_at", "gone_at")
_EXPECTED = ("period_end", "run_id", "agreement", "organization", "organization_id", "expected", "additions", "state")
_FRESH: dict[str, Any] = {"billed": None, "cause": "", "next_step": "", "invoice_numbers": [], "basis": ""}


async def list_invoices(session: ReadSession, agreement_ids: Collection[str]) -> Sequence[PsaInvoiceRow]:
    """Every invoice that was ever read of these agreements, those that are gone included."""
    query = select(PsaInvoiceRow).where(_is_among(PsaInvoiceRow.agreement_id, agreement_ids))
    return (await session.scalars(query.order_by(PsaInvoiceRow.invoice_id))).all()


async def find_newest_change(session: ReadSession) -> datetime | None:
    """By the PSA's clock, over everything that was read."""
    return await session.scalar(select(func.max(PsaInvoiceRow.changed_at)))


async def list_readings(session: ReadSession, agreement_ids: Collection[str]) -> dict[str, InvoiceReading]:
    query = select(InvoiceReading).where(_is_among(InvoiceReading.agreement_id, agreement_ids))
    return {each.agreement_id: each for each in await session.scalars(query)}


async def find_trouble(session: ReadSession, agreement_ids: Collection[str]) -> str:
    """Why the invoices of some of these agreements were not read; empty where they were."""
    query = (
        select(InvoiceReading.trouble)
        .where(_is_among(InvoiceReading.agreement_id, agreement_ids), InvoiceReading.trouble != "")
        .limit(1)
    )
    return await session.scalar(query) or ""


async def save_invoices(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """New invoices, and what changed of known ones; the period that one covers stays as it was found first."""
    for start in range(0, len(rows), _BATCH):
        statement = insert(PsaInvoiceRow)
        renewed = {name: statement.excluded[name] for name in _RENEWED}
        upsert = statement.on_conflict_do_update(index_elements=["partner_id", "invoice_id"], set_=renewed)
        await session.execute(upsert, [_own(session, each) for each in rows[start : start + _BATCH]])


async def note_gone(session: WriteSession, invoice_ids: Collection[str]) -> None:
    if invoice_ids:
        await session.execute(
            update(PsaInvoiceRow)
            .where(_is_among(PsaInvoiceRow.invoice_id, invoice_ids), PsaInvoiceRow.gone_at.is_(None))
            .values(gone_at=clock.now())
        )


async def forget_periods(session: WriteSession, invoice_ids: Collection[str]) -> None:
    """Of invoices that are gone, once the next invoice date itself shows that their period is open again."""
    if invoice_ids:
        await session.execute(
            update(PsaInvoiceRow)
            .where(_is_among(PsaInvoiceRow.invoice_id, invoice_ids))
            .values(period_start=None, period_end=None)
        )


async def save_readings(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    names = ("watched_from", "next_invoice_date", "vouched_before", "moved_at", "read_at", "trouble")
    for start in range(0, len(rows), _BATCH):
        statement = insert(InvoiceReading)
        renewed = {name: statement.excluded[name] for name in names}
        upsert = statement.on_conflict_do_update(index_elements=["partner_id", "agreement_id"], set_=renewed)
        await session.execute(upsert, [_own(session, each) for each in rows[start : start + _BATCH]])


async def begin_watching(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Agreements on which additions of ours stand from now on; those that are watched already stay as they are."""
    if rows:
        await session.execute(insert(InvoiceReading).on_conflict_do_nothing(), [_own(session, each) for each in rows])


async def note_trouble(session: WriteSession, agreement_ids: Collection[str], trouble: str) -> None:
    await session.execute(
        update(InvoiceReading).where(_is_among(InvoiceReading.agreement_id, agreement_ids)).values(trouble=trouble)
    )


async def save_expected(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """What periods are expected to bill; the newest push has the say."""
    for start in range(0, len(rows), _BATCH):
        statement = insert(ExpectedBilling)
        renewed = {name: statement.excluded[name] for name in (*_EXPECTED, *_FRESH)}
        key = ["partner_id", "agreement_id", "period_start", "currency"]
        upsert = statement.on_conflict_do_update(index_elements=key, set_=renewed)
        await session.execute(upsert, [_own(session, each) | _FRESH for each in rows[start : start + _BATCH]])


async def list_waiting(session: ReadSession, agreement_ids: Collection[str]) -> Sequence[ExpectedBilling]:
    """What is expected of periods of these agreements that were not invoiced yet."""
    query = select(ExpectedBilling).where(
        _is_among(ExpectedBilling.agreement_id, agreement_ids),
        ExpectedBilling.state == BilledState.NOT_INVOICED.value,
    )
    return (await session.scalars(query)).all()


async def forget_expected(session: WriteSession, rows: Sequence[ExpectedBilling]) -> None:
    """A later push says anew what these periods will bill."""
    for each in rows:
        await session.delete(each)
    await session.flush()


async def lock_expected(session: WriteSession, row: ExpectedBilling) -> ExpectedBilling | None:
    """The row as it is now; None where a later push expects something else meanwhile."""
    key = (row.partner_id, row.agreement_id, row.period_start, row.currency)
    found = await session.get(ExpectedBilling, key, with_for_update=True, populate_existing=True)
    return found if found is not None and found.run_id == row.run_id else None


async def list_expected(session: ReadSession, run_id: UUID) -> Sequence[ExpectedBilling]:
    """What the receipt of a push expects, by customer, agreement and period."""
    query = select(ExpectedBilling).where(ExpectedBilling.run_id == run_id)
    order = (ExpectedBilling.organization, ExpectedBilling.agreement, ExpectedBilling.period_start)
    return (await session.scalars(query.order_by(*order))).all()


async def list_to_compare(session: ReadSession, closed: Mapping[str, Any]) -> Sequence[tuple[ExpectedBilling, str]]:
    """What was expected of periods whose invoices have come, changed or gone, with the basis as it is now.

    Args:
        closed: agreements some of whose periods were written off: those that wait for an invoice are given too.
    """
    spelled = func.concat_ws("/", PsaInvoiceRow.invoice_id, PsaInvoiceRow.changed_at, PsaInvoiceRow.total)
    basis = func.coalesce(
        select(func.string_agg(spelled, aggregate_order_by(literal_column("','"), PsaInvoiceRow.invoice_id)))
        .where(
            PsaInvoiceRow.agreement_id == ExpectedBilling.agreement_id,
            PsaInvoiceRow.period_start == ExpectedBilling.period_start,
            PsaInvoiceRow.gone_at.is_(None),
        )
        .scalar_subquery(),
        literal("", Text()),
    )
    waits = ExpectedBilling.state == BilledState.NOT_INVOICED.value
    is_closed = _is_among(ExpectedBilling.agreement_id, list(closed))
    query = select(ExpectedBilling, basis).where(or_(basis != ExpectedBilling.basis, waits & is_closed))
    return [(row, text) for row, text in await session.execute(query)]


def _is_among(column: Any, values: Collection[str]) -> Any:
    """One array parameter, where IN would take one for each value."""
    return column == any_(cast(list(values), ARRAY(Text())))


def _own(session: WriteSession, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"partner_id": session.circumstances.partner_id, **row}
