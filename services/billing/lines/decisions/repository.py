"""Writes and reads decisions: one statement for an edit, whatever the number of lines and fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue
from sqlalchemy import ColumnElement, Text, Uuid, cast, column, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.models import LINES
from services.kit.base.db import ReadSession, WriteSession

_NAMES = ("partner_id", "line_id", "field", "value", "edit_id", "actor", "reason")


@dataclass(frozen=True, slots=True)
class Edit:
    """One act of a person, on one line or on many."""

    id: UUID
    actor: str
    reason: str


async def decide(session: WriteSession, edit: Edit, values: Mapping[UUID, Mapping[str, JsonValue]]) -> int:
    """Add the decisions of an edit, in one statement; answers with how many rows that are.

    The lines stay locked until the transaction ends, in the order of their ids, so that whoever decides
    about the same lines meanwhile comes after. They are to be rated again in this transaction.

    Args:
        values: line → editable field → what was decided, where None gives the field back to the rules.
    """
    decisions = [
        {"line": str(line_id), "field": field, "value": value}
        for line_id, decided in values.items()
        for field, value in decided.items()
    ]
    document = cast(literal(orjson.dumps(decisions).decode(), Text), JSONB)
    decided = (
        func.jsonb_to_recordset(document)
        .table_valued(column("line", Uuid), column("field", Text), column("value", JSONB), name="decided")
        .render_derived(with_types=True)
    )
    value = func.coalesce(decided.c.value, cast(literal("null", Text), JSONB))  # a null becomes SQL's own there
    chosen = (
        select(LINES.c.partner_id, LINES.c.id, decided.c.field, value)
        .add_columns(literal(edit.id), literal(edit.actor), literal(edit.reason))
        .select_from(LINES.join(decided, LINES.c.id == decided.c.line))
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


async def find_decided(session: ReadSession, edit_id: UUID, *, in_force: bool) -> set[UUID]:
    """Lines about which an edit decided: those where that is in force, or those where it was reverted."""
    query = select(DecisionRow.line_id).where(DecisionRow.edit_id == edit_id, _is_in_force(in_force=in_force))
    return set((await session.scalars(query.distinct())).all())


async def switch(session: WriteSession, edit_id: UUID, actor: str, *, in_force: bool) -> None:
    """Take everything that an edit decided out of force, or put it back in force."""
    reverted: dict[str, Any] = {"reverted_at": None, "reverted_by": None}
    if not in_force:
        reverted = {"reverted_at": func.now(), "reverted_by": actor}
    was = _is_in_force(in_force=not in_force)
    await session.execute(update(DecisionRow).where(DecisionRow.edit_id == edit_id, was).values(reverted))


def _is_in_force(*, in_force: bool) -> ColumnElement[bool]:
    return DecisionRow.reverted_at.is_(None) if in_force else DecisionRow.reverted_at.is_not(None)


async def find_in_force(session: ReadSession, line_id: UUID) -> dict[str, DecisionRow]:
    """Field → the newest decision in force about it; those that gave a field back to the rules are absent."""
    query = select(DecisionRow).where(DecisionRow.line_id == line_id, DecisionRow.reverted_at.is_(None))
    newest = {row.field: row for row in await session.scalars(query.order_by(DecisionRow.id))}
    return {field: row for field, row in newest.items() if row.value is not None}


async def list_history(session: ReadSession, line_id: UUID, before: int | None, limit: int) -> Sequence[DecisionRow]:
    """Decisions on a line, newest first."""
    query = select(DecisionRow).where(DecisionRow.line_id == line_id).order_by(DecisionRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(DecisionRow.id < before)
    return (await session.scalars(query)).all()
