"""Shows the grid and its totals."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

from services.billing.lines import repository
from services.billing.lines.repository import LineFilter, LineValues, SortValue
from services.billing.lines.schemas import DateOrigin, LineItem, LineOrigins, LineSort, LineTotals
from services.billing.references import repository as references
from services.contracts.facts import Tally
from services.contracts.vocabulary import HoldReason, LineStatus, MirrorKind
from services.kit.db import ReadSession
from services.kit.errors import NotFound
from services.kit.paging import BadCursor, Page, decode_cursor, encode_cursor

NameT = TypeVar("NameT", LineStatus, HoldReason)
Names = dict[tuple[str, str], str]


class LineNotFound(NotFound):
    """There is no such line."""


async def list_lines(
    session: ReadSession, wanted: LineFilter, sort: LineSort, limit: int, cursor: str | None
) -> Page[LineItem]:
    """One window of the grid."""
    rows = await repository.read_window(session, wanted, sort, _place(sort, cursor), limit + 1)
    page, last = rows[:limit], rows[limit - 1] if len(rows) > limit else None
    items = await _show_all(session, page)
    return Page(items=items, next_cursor=encode_cursor([sort, str(last.sort_value), str(last.id)]) if last else None)


def _place(sort: LineSort, cursor: str | None) -> tuple[SortValue, UUID] | None:
    if cursor is None:
        return None
    order, value, line_id = decode_cursor(cursor, 3)
    if order != sort:
        raise BadCursor("The cursor belongs to another sort order.")
    try:
        return repository.read_sort_value(sort, str(value)), UUID(str(line_id))
    except (ValueError, InvalidOperation) as error:
        raise BadCursor("The cursor cannot be read.") from error


async def show_line(session: ReadSession, line_id: UUID) -> LineItem:
    """One line."""
    row = await repository.find_line(session, line_id)
    if row is None:
        raise LineNotFound(f"There is no line {line_id}.")
    return (await _show_all(session, [row]))[0]


async def total_lines(session: ReadSession, wanted: LineFilter) -> LineTotals:
    """How much is ready, held, excluded, sent; a line with two reasons counts under both."""
    subtotals = await repository.read_subtotals(session, wanted)
    held = [each for each in subtotals if each.status is LineStatus.HELD]
    return LineTotals(
        lines=sum(each.count for each in subtotals),
        by_status=_sum((each.status, each.currency, each.count, each.amount) for each in subtotals),
        hold_reasons=_sum(
            (HoldReason(reason), each.currency, each.count, each.amount)
            for each in held
            for reason in each.hold_reasons
        ),
    )


def _sum(parts: Iterable[tuple[NameT, str, int, Decimal]]) -> dict[NameT, Tally]:
    counts: dict[NameT, int] = {}
    amounts: dict[NameT, dict[str, Decimal]] = {}
    for name, currency, count, amount in parts:
        counts[name] = counts.get(name, 0) + count
        of_name = amounts.setdefault(name, {})
        of_name[currency] = of_name.get(currency, Decimal(0)) + amount
    return {name: Tally(count=counts[name], amounts=amounts[name]) for name in counts}


async def _show_all(session: ReadSession, rows: Sequence[LineValues]) -> list[LineItem]:
    wanted = {
        (kind, chosen)
        for row in rows
        for kind, chosen in (
            (MirrorKind.COMPANY, row.company_id),
            (MirrorKind.AGREEMENT, row.agreement_id),
            (MirrorKind.CATALOG_ITEM, row.product_id),
        )
        if chosen is not None
    }
    names = await references.name_all(session, wanted)
    return [_show(row, names) for row in rows]


def _show(row: LineValues, names: Names) -> LineItem:
    return LineItem(
        id=row.id,
        version=row.version,
        status=row.status,
        hold_reasons=row.hold_reasons,
        period=row.period,
        organization=row.organization_name,
        organization_id=row.organization_id,
        company=_name(names, MirrorKind.COMPANY, row.company_id),
        company_id=row.company_id,
        agreement=_name(names, MirrorKind.AGREEMENT, row.agreement_id),
        agreement_id=row.agreement_id,
        offer=row.offer_name,
        offer_id=row.offer_id,
        product=_name(names, MirrorKind.CATALOG_ITEM, row.product_id),
        product_id=row.product_id,
        subscription=row.subscription_name,
        subscription_id=row.subscription_id,
        invoice_number=row.invoice_number,
        invoice_id=row.invoice_id,
        invoice_date=row.invoice_date,
        row_id=row.row_id,
        charge_type=row.charge_type,
        is_recurring=row.is_recurring,
        quantity=row.quantity,
        unit_price=row.unit_price,
        total=row.total,
        currency=row.currency,
        charge_start_date=row.charge_start,
        charge_end_date=row.charge_end,
        description=row.description,
        bill_option=row.bill_option,
        taxable=row.taxable,
        addition_quantity=row.addition_quantity,
        addition_unit_price=row.addition_unit_price,
        forecast=row.forecast,
        explanation=row.explanation,
        warnings=row.warnings,
        push_error=row.push_error,
        excluded=row.is_excluded,
        provenance=_show_origins(row),
        sent_at=row.sent_at,
        addition_id=row.addition_id,
    )


def _show_origins(row: LineValues) -> LineOrigins:
    return LineOrigins(
        charge_start_date=DateOrigin(
            provenance=row.start_provenance,
            source=row.source_start,
            system=row.system_start,
            user=row.user_start,
            explanation=row.start_explanation,
        ),
        charge_end_date=DateOrigin(
            provenance=row.end_provenance,
            source=row.source_end,
            system=row.system_end,
            user=row.user_end,
            explanation=row.end_explanation,
        ),
    )


def _name(names: Names, kind: MirrorKind, external_id: str | None) -> str | None:
    return None if external_id is None else names.get((kind.value, external_id), external_id)
