"""Writes and reads decisions: one statement for an edit, whatever the number of lines and fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import JsonValue
from sqlalchemy import ColumnElement, Text, cast, column, func, insert, literal, select, true, update
from sqlalchemy.dialects.postgresql import JSONB

from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.models import LINES
from services.kit.base.db import ReadSession, WriteSession

_NAMES = ("partner_id", "line_id", "field", "value", "edit_id", "actor", "reason")


@dataclass(frozen=True, slots=True)
class Edit:
    """One act of a person: editable field → what was decided, where None gives the field back to the rules."""

    id: UUID
    actor: str
    reason: str
    values: Mapping[str, JsonValue]


async def decide(session: WriteSession, edit: Edit, wanted: Sequence[ColumnElement[bool]]) -> int:
    """Add the decisions of an edit on all lines that match; answers with how many rows that are.

    The lines stay locked until the transaction ends, in the order of their ids, so that whoever decides
    about the same lines meanwhile comes after. They are to be rated again in this transaction.
    """
    document = cast(literal(orjson.dumps(dict(edit.values)).decode(), Text), JSONB)
    decided = func.jsonb_each(document).table_valued(column("key", Text), column("value", JSONB), name="decided")
    chosen = (
        select(LINES.c.partner_id, LINES.c.id, decided.c.key, decided.c.value)
        .add_columns(literal(edit.id), literal(edit.actor), literal(edit.reason))
        .select_from(LINES.join(decided, true()))
        .where(*wanted)
        .order_by(LINES.c.id)
        .with_for_update(of=LINES)
    )
    written = await session.execute(insert(DecisionRow).from_select(_NAMES, chosen).returning(DecisionRow.line_id))
    return len(written.all())


async def revert(session: WriteSession, line_id: UUID, edit_id: UUID, actor: str) -> int:
    """Take what an edit decided about a line out of force; answers with how many rows that were."""
    statement = (
        update(DecisionRow)
        .where(DecisionRow.line_id == line_id, DecisionRow.edit_id == edit_id, DecisionRow.reverted_at.is_(None))
        .values(reverted_at=func.now(), reverted_by=actor)
        .returning(DecisionRow.id)
    )
    return len((await session.execute(statement)).all())


async def list_history(session: ReadSession, line_id: UUID, before: int | None, limit: int) -> Sequence[DecisionRow]:
    """Decisions on a line, newest first."""
    query = select(DecisionRow).where(DecisionRow.line_id == line_id).order_by(DecisionRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(DecisionRow.id < before)
    return (await session.scalars(query)).all()
