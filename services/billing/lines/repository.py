"""Statements about the table of lines: bulk reads and writes for rating and plans. Those for people: see `grid`.

Bulk statements go to the driver itself, and lines go out as one JSON document: with 500 rows of 55 columns,
SQLAlchemy's parameters or the driver's arrays would cost as much as the rules do.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, func, select

from services.billing.lines.models import LINES
from services.billing.lines.record import from_record, to_record
from services.billing.lines.stored import StoredLine
from services.billing.lines.table import COLUMNS
from services.billing.matching import is_one_of
from services.billing.rules.dropping import Group
from services.billing.rules.match import LinePlace
from services.billing.rules.price_faults import ChargedPrice
from services.contracts.charge_types import parse_charge_type
from services.contracts.shapes import PlanScope
from services.contracts.vocabulary import ChargeType, LineStatus
from services.kit.base.db import ReadSession, WriteSession, driver_of
from services.kit.base.errors import Conflict

BATCH = 2000  # lines held in memory at a time while many are rated anew
_NAMES = [column.name for column in COLUMNS]
_IN_FORCE = """(SELECT jsonb_object_agg(d.field, d.value ORDER BY d.id)::text FROM billing.line_decision d
  WHERE d.partner_id = l.partner_id AND d.line_id = l.id AND d.reverted_at IS NULL) AS decisions"""
# Amounts travel as text: they are exact, and pydantic reads them so.
_TRUE_UPS = """CASE WHEN l.sent_amount IS NOT NULL THEN (
  SELECT json_agg(json_build_object('number', t.number, 'marker', t.marker, 'agreement_id', t.agreement_id,
    'amount', t.amount::text, 'bills_from', t.bills_from, 'bills_through', t.bills_through,
    'addition_id', t.addition_id, 'is_withdrawn', t.withdrawn_at IS NOT NULL) ORDER BY t.number)::text
  FROM billing.true_up t WHERE t.partner_id = l.partner_id AND t.line_id = l.id) END AS true_ups"""
_SELECT = f"SELECT {', '.join(f'l.{name}' for name in _NAMES)}, {_IN_FORCE}, {_TRUE_UPS} FROM billing.line l"  # noqa: S608 - constants of this module
# The limit keeps the inner query whole, so each row is looked up by the unique index. As a join, a planner
# without figures reads all lines of the partner for every 500 rows: 130 ms instead of 2 with 50,000 lines.
_FIND_BY_ROWS = f"""
SELECT l.* FROM unnest($2::text[], $3::text[]) AS k (invoice, row) CROSS JOIN LATERAL (
  {_SELECT} WHERE l.partner_id = $1 AND l.invoice_id = k.invoice AND l.row_id = k.row LIMIT 1
) AS l
"""  # noqa: S608 - constants of this module
_OPEN = "l.partner_id = $1 AND l.status <> 'sent' AND l.id > $3 AND"
_WITH_CHOSEN = """l.id IN (
  SELECT d.line_id FROM billing.line_decision d WHERE d.partner_id = $1 AND d.field = '{field}'
  AND d.reverted_at IS NULL AND d.value = ANY (ARRAY(SELECT to_jsonb(each) FROM unnest($2::text[]) AS each))
)"""
_WITH_CHOSEN_AGREEMENT = _WITH_CHOSEN.format(field="agreement_id")
_WITH_CHOSEN_PRODUCT = _WITH_CHOSEN.format(field="product_id")
_KEYS = ("id", "invoice_id", "row_id")
_SHORT = {name: f"c{place}" for place, name in enumerate(_NAMES)}  # full names would be half of the document
_SAVE = f"""
INSERT INTO billing.line AS l (partner_id, {", ".join(_NAMES)})
SELECT $1, {", ".join(_SHORT.values())} FROM json_to_recordset($2::text::json)
  AS u ({", ".join(f"{_SHORT[column.name]} {column.kind.value}" for column in COLUMNS)})
ON CONFLICT (partner_id, invoice_id, row_id) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _NAMES if name not in _KEYS)}, updated_at = now()
WHERE l.id = EXCLUDED.id AND l.version = EXCLUDED.version - 1
"""  # noqa: S608 - constants of this module


class LinesMoved(Conflict):
    """Lines were changed by somebody else while they were rated. Rating them again is the way on."""


async def find_by_rows(session: ReadSession, rows: Iterable[tuple[str, str]]) -> list[StoredLine]:
    """Lines of some invoice rows, each given as (invoice id, row id)."""
    invoices, names = [], []
    for invoice_id, row_id in rows:
        invoices.append(invoice_id)
        names.append(row_id)
    return await _fetch(session, _FIND_BY_ROWS, invoices, names)


async def find_by_ids(session: ReadSession, ids: Collection[UUID]) -> list[StoredLine]:
    return await _fetch(session, f"{_SELECT} WHERE l.partner_id = $1 AND l.id = ANY($2::uuid[])", list(ids))


async def list_matching(session: ReadSession, wanted: Sequence[ColumnElement[bool]]) -> list[tuple[UUID, int]]:
    """Ids and versions of lines, in the order of ids."""
    return [(line_id, version) for line_id, version in await session.execute(_matching(wanted))]


async def lock_matching(session: WriteSession, wanted: Sequence[ColumnElement[bool]]) -> list[tuple[UUID, int]]:
    """The same, and nobody else changes them before the transaction ends."""
    locking = _matching(wanted).with_for_update()
    return [(line_id, version) for line_id, version in await session.execute(locking)]


def _matching(wanted: Sequence[ColumnElement[bool]]) -> Select[UUID, int]:
    return select(LINES.c.id, LINES.c.version).where(*wanted).order_by(LINES.c.id)


async def find_of_additions(session: ReadSession, addition_ids: Collection[str]) -> list[StoredLine]:
    """Lines that some additions of the PSA were written for."""
    query = f"{_SELECT} WHERE l.partner_id = $1 AND l.addition_id = ANY($2::text[]) ORDER BY l.id"
    return await _fetch(session, query, list(addition_ids))


async def find_corrections(session: ReadSession, groups: Iterable[Group]) -> list[StoredLine]:
    """Every correction of some subscriptions on some invoices."""
    query = (
        f"{_SELECT} JOIN unnest($2::text[], $3::text[]) AS g (invoice, subscription) "
        "ON l.invoice_id = g.invoice AND l.subscription_id = g.subscription "
        "WHERE l.partner_id = $1 AND l.charge_type = $4 ORDER BY l.id"
    )
    invoices, subscriptions = map(list, zip(*groups, strict=True))
    return await _fetch(session, query, invoices, subscriptions, ChargeType.CORRECTION.value)


async def find_droppable(session: ReadSession, states: Sequence[str], after: UUID) -> list[StoredLine]:
    """The next lines that are not sent and that a rule may drop, or has dropped; `states` is what dropped ones are."""
    return await _find_open(
        session, "(l.total = 0 OR l.charge_type = 'Correction' OR l.status = ANY($2::text[]))", states, after
    )


async def find_of_period(session: ReadSession, period: str) -> list[StoredLine]:
    """Every line of a month, in a stable order."""
    query = f"{_SELECT} WHERE l.partner_id = $1 AND l.period = $2 ORDER BY l.organization_name, l.id"
    return await _fetch(session, query, period)


async def find_newest(session: ReadSession, limit: int) -> list[StoredLine]:
    """Some lines of the newest month, by organization."""
    newest = (await session.scalars(select(func.max(LINES.c.period)))).one()
    query = f"{_SELECT} WHERE l.partner_id = $1 AND l.period = $2 ORDER BY l.organization_name, l.id LIMIT $3"
    return await _fetch(session, query, newest, limit)


async def find_of_organizations(
    session: ReadSession, period: str, organization_ids: Collection[str]
) -> list[StoredLine]:
    """Lines of a month of some organizations, in the same order."""
    query = (
        f"{_SELECT} WHERE l.partner_id = $1 AND l.period = $2 AND l.organization_id = ANY($3::text[]) "
        "ORDER BY l.organization_name, l.id"
    )
    return await _fetch(session, query, period, list(organization_ids))


async def find_organizations_of_scope(session: ReadSession, scope: PlanScope) -> Sequence[str]:
    """The organizations that have lines in a scope, by the narrowest that it names."""
    if scope.organization_ids:
        return scope.organization_ids
    query = select(LINES.c.organization_id).where(LINES.c.period == scope.period).distinct()
    if scope.line_ids:
        query = query.where(LINES.c.id.in_(scope.line_ids))
    elif scope.subscription_id:
        query = query.where(LINES.c.subscription_id == scope.subscription_id)
    else:
        query = query.where(is_one_of(LINES.c.agreement_id, scope.agreement_ids))
    return (await session.scalars(query)).all()


async def find_open_of_organizations(session: ReadSession, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    """The next lines of some organizations that are not sent."""
    return await _find_open(session, "l.organization_id = ANY($2::text[])", ids, after)


async def find_open_of_offers(session: ReadSession, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    """The next lines of some offers that are not sent."""
    return await _find_open(session, "l.offer_id = ANY($2::text[])", ids, after)


async def find_open_of_chosen_agreements(session: ReadSession, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    """The next lines that are not sent and for which a person has once chosen one of some agreements."""
    return await _find_open(session, _WITH_CHOSEN_AGREEMENT, ids, after)


async def find_open_of_months(session: ReadSession, months: Sequence[str], after: UUID) -> list[StoredLine]:
    """The next lines that are not sent, from the first of two months to before the second."""
    return await _find_open(session, "l.period >= ($2::text[])[1] AND l.period < ($2::text[])[2]", months, after)


async def find_priced_of_offers(session: ReadSession, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    """The next lines of some offers that price rules are about, sent or not."""
    return await _find_priced(session, "l.offer_id = ANY($2::text[])", ids, after)


async def find_priced_of_chosen_products(session: ReadSession, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    """The same of the lines for which a person has once chosen one of some catalog items."""
    return await _find_priced(session, _WITH_CHOSEN_PRODUCT, ids, after)


async def _find_priced(session: ReadSession, condition: str, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    query = (
        f"{_SELECT} WHERE l.partner_id = $1 AND l.price_terms IS NOT NULL AND {condition} "
        "AND l.id > $3 ORDER BY l.id LIMIT $4"
    )
    return await _fetch(session, query, list(ids), after, BATCH)


async def find_highest_prices(session: ReadSession) -> list[ChargedPrice]:
    """The highest price of a unit of each kind of line that charges something."""
    place = (LINES.c.charge_type, LINES.c.offer_id, LINES.c.organization_id, LINES.c.agreement_id)
    query = (
        select(*place, LINES.c.currency, func.max(LINES.c.unit_price), func.max(LINES.c.offer_name))
        .where(LINES.c.total > 0, LINES.c.unit_price > 0, LINES.c.is_vanished.is_(False))
        .group_by(*place, LINES.c.currency)
    )
    return [
        ChargedPrice(LinePlace(parse_charge_type(row[0]), *row[1:4]), *row[4:]) for row in await session.execute(query)
    ]


async def find_open(session: ReadSession, after: UUID) -> list[StoredLine]:
    """The next lines of a partner that are not sent."""
    query = f"{_SELECT} WHERE l.partner_id = $1 AND l.status <> 'sent' AND l.id > $2 ORDER BY l.id LIMIT $3"
    return await _fetch(session, query, after, BATCH)


async def _find_open(session: ReadSession, condition: str, ids: Sequence[str], after: UUID) -> list[StoredLine]:
    query = f"{_SELECT} WHERE {_OPEN} {condition} ORDER BY l.id LIMIT $4"
    return await _fetch(session, query, list(ids), after, BATCH)


async def _fetch(session: ReadSession, query: str, *values: Any) -> list[StoredLine]:
    driver = await driver_of(session)
    return [from_record(record) for record in await driver.fetch(query, session.circumstances.partner_id, *values)]


async def save(session: WriteSession, lines: Sequence[StoredLine]) -> None:
    """Insert lines of version 1, and bring others from the version before to this one. Decisions are kept elsewhere.

    Raises:
        LinesMoved: somebody else has changed one of them meanwhile; nothing may be committed then.
    """
    if not lines:
        return
    rows = [dict(zip(_SHORT.values(), to_record(line), strict=True)) for line in lines]
    driver = await driver_of(session)
    document = orjson.dumps(rows, default=str).decode()
    outcome: str = await driver.execute(_SAVE, session.circumstances.partner_id, document)
    if int(outcome.rpartition(" ")[2]) != len(lines):
        raise LinesMoved("Lines were changed while they were rated.")


async def count_held(session: ReadSession, column: str, ids: Collection[str]) -> dict[str, int]:
    """Held lines per `organization_id` or `offer_id`; those without any are absent."""
    of = LINES.c[column]
    query = select(of, func.count()).where(is_one_of(of, ids), LINES.c.status == LineStatus.HELD.value).group_by(of)
    return {row[0]: row[1] for row in await session.execute(query)}


async def count_carried(session: ReadSession, addition_ids: Collection[str]) -> dict[str, int]:
    """How many lines each addition carries that lines share."""
    of = LINES.c.addition_id
    query = select(of, func.count()).where(is_one_of(of, addition_ids), LINES.c.sent_gathered).group_by(of)
    return {row[0]: row[1] for row in await session.execute(query)}


@dataclass(frozen=True, slots=True)
class Subtotal:
    """Lines alike in status, reasons and currency."""

    status: LineStatus
    hold_reasons: Sequence[str]
    currency: str
    count: int
    amount: Decimal


async def read_subtotals_between(session: ReadSession, *, first: str, until: str) -> list[Subtotal]:
    """Lines of the months from `first` on and before `until`: a few dozen rows, combinations of reasons are few."""
    alike = (LINES.c.status, LINES.c.hold_reasons, LINES.c.currency)
    months = (LINES.c.period >= first, LINES.c.period < until)
    query = select(*alike, func.count(), func.sum(LINES.c.total)).where(*months).group_by(*alike)
    return [Subtotal(LineStatus(row[0]), *row[1:]) for row in await session.execute(query)]
