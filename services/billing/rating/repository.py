"""Reads and writes lines by the hundred: one statement each way.

These statements go to the driver itself, and lines go out as one JSON document: with 500 rows of 57
columns, SQLAlchemy's parameters or the driver's arrays would cost as much as the rules do.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.billing.rating.record import COLUMNS, StoredLine, from_record, to_record
from services.kit.base.db import ReadSession, WriteSession, driver_of
from services.kit.base.errors import Conflict

BATCH = 2000  # lines held in memory at a time while many are rated anew
_NAMES = ", ".join(COLUMNS)
_SELECT = f"SELECT {', '.join(f'l.{name}' for name in COLUMNS)} FROM billing.line l"  # noqa: S608 - constants of this module
# The limit keeps the inner query whole, so each row is looked up by the unique index. As a join, a planner
# without figures reads all lines of the partner for every 500 rows: 130 ms instead of 2 with 50,000 lines.
_FIND_BY_ROWS = f"""
SELECT l.* FROM unnest($2::text[], $3::text[]) AS k (invoice, row) CROSS JOIN LATERAL (
  {_SELECT} WHERE l.partner_id = $1 AND l.invoice_id = k.invoice AND l.row_id = k.row LIMIT 1
) AS l
"""  # noqa: S608 - constants of this module
_KEYS = ("id", "invoice_id", "row_id")
_SHORT = {name: f"c{place}" for place, name in enumerate(COLUMNS)}  # full names would be half of the document
_SAVE = f"""
INSERT INTO billing.line AS l (partner_id, {_NAMES})
SELECT $1, {", ".join(_SHORT.values())} FROM json_to_recordset($2::text::json)
  AS u ({", ".join(f"{_SHORT[name]} {kind}" for name, kind in COLUMNS.items())})
ON CONFLICT (partner_id, invoice_id, row_id) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name not in _KEYS)}, updated_at = now()
WHERE l.id = EXCLUDED.id AND l.version = EXCLUDED.version - 1
"""  # noqa: S608 - constants of this module


class LinesMoved(Conflict):
    """Lines were changed by somebody else while they were rated. Doing it again settles it."""


async def find_by_rows(session: ReadSession, partner_id: UUID, rows: Iterable[tuple[str, str]]) -> list[StoredLine]:
    """Lines of some invoice rows, each given as (invoice id, row id)."""
    invoices, names = [], []
    for invoice_id, row_id in rows:
        invoices.append(invoice_id)
        names.append(row_id)
    return await _fetch(session, _FIND_BY_ROWS, partner_id, invoices, names)


async def find_by_ids(session: ReadSession, partner_id: UUID, ids: Sequence[UUID]) -> list[StoredLine]:
    return await _fetch(session, f"{_SELECT} WHERE l.partner_id = $1 AND l.id = ANY($2::uuid[])", partner_id, ids)


async def find_of_period(session: ReadSession, partner_id: UUID, period: str) -> list[StoredLine]:
    """Every line of a month, in a stable order."""
    query = f"{_SELECT} WHERE l.partner_id = $1 AND l.period = $2 ORDER BY l.organization_name, l.id"
    return await _fetch(session, query, partner_id, period)


async def find_open_of_organizations(
    session: ReadSession, partner_id: UUID, organization_ids: Sequence[str], after: UUID
) -> list[StoredLine]:
    """The next lines of some organizations that are not sent."""
    query = (
        f"{_SELECT} WHERE l.partner_id = $1 AND l.organization_id = ANY($2::text[]) AND l.status <> 'sent' "
        "AND l.id > $3 ORDER BY l.id LIMIT $4"
    )
    return await _fetch(session, query, partner_id, list(organization_ids), after, BATCH)


async def find_open_of_offers(
    session: ReadSession, partner_id: UUID, offer_ids: Sequence[str], after: UUID
) -> list[StoredLine]:
    """The next lines of some offers that are not sent."""
    query = (
        f"{_SELECT} WHERE l.partner_id = $1 AND l.offer_id = ANY($2::text[]) AND l.status <> 'sent' "
        "AND l.id > $3 ORDER BY l.id LIMIT $4"
    )
    return await _fetch(session, query, partner_id, list(offer_ids), after, BATCH)


async def find_open_of_chosen_agreements(
    session: ReadSession, partner_id: UUID, agreement_ids: Sequence[str], after: UUID
) -> list[StoredLine]:
    """The next lines that are not sent and for which a person chose one of some agreements."""
    query = (
        f"{_SELECT} WHERE l.partner_id = $1 AND l.user_agreement_id = ANY($2::text[]) AND l.status <> 'sent' "
        "AND l.id > $3 ORDER BY l.id LIMIT $4"
    )
    return await _fetch(session, query, partner_id, list(agreement_ids), after, BATCH)


async def _fetch(session: ReadSession, query: str, *values: Any) -> list[StoredLine]:
    driver = await driver_of(session)
    return [from_record(record) for record in await driver.fetch(query, *values)]


async def save(session: WriteSession, partner_id: UUID, lines: Sequence[StoredLine]) -> None:
    """Insert lines of version 1, and bring others from the version before to this one.

    Raises:
        LinesMoved: somebody else has changed one of them meanwhile; nothing may be committed then.
    """
    if not lines:
        return
    rows = [dict(zip(_SHORT.values(), to_record(line), strict=True)) for line in lines]
    driver = await driver_of(session)
    outcome: str = await driver.execute(_SAVE, partner_id, orjson.dumps(rows, default=str).decode())
    if int(outcome.rpartition(" ")[2]) != len(lines):
        raise LinesMoved("Lines were changed while they were rated.")
