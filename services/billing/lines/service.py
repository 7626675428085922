"""Describes lines as people see them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.billing.lines import repository
from services.billing.lines.grid import repository as grid
from services.billing.lines.grid.repository import LineValues
from services.billing.lines.schemas import LineItem
from services.billing.mirrors import repository as references
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession
from services.kit.base.errors import NotFound

Names = dict[tuple[str, str], str]

# What is shown by name → the field that holds its id, and what it is.
_CHOSEN = {
    "company": ("company_id", MirrorKind.COMPANY),
    "agreement": ("agreement_id", MirrorKind.AGREEMENT),
    "product": ("product_id", MirrorKind.CATALOG_ITEM),
}


class LineNotFound(NotFound):
    """There is no such line."""


async def show_line(session: ReadSession, line_id: UUID) -> LineItem:
    """One line."""
    row = await grid.find_line(session, line_id)
    if row is None:
        raise LineNotFound(f"There is no line {line_id}.")
    return (await describe_all(session, [row]))[0]


async def describe_all(session: ReadSession, rows: Sequence[LineValues]) -> list[LineItem]:
    wanted = {(kind, row[field]) for row in rows for field, kind in _CHOSEN.values() if row[field] is not None}
    names = await references.name_all(session, wanted)
    shared = {row["addition_id"] for row in rows if row["is_gathered"] and row["addition_id"]}
    carried = await repository.count_carried(session, shared) if shared else {}
    return [describe(row, names, carried) for row in rows]


def describe(row: LineValues, names: Names, carried: Mapping[str, int]) -> LineItem:
    chosen = {shown: _name(names, kind, row[field]) for shown, (field, kind) in _CHOSEN.items()}
    decisions = row["decisions"] or {}
    origins = {
        f"charge_{which}_date": _origin(row, which, decisions.get(f"charge_{which}_date")) for which in ("start", "end")
    }
    more = {"excluded": bool(decisions.get("excluded")), "provenance": origins}
    more["carried_with"] = max(0, carried.get(row["addition_id"] or "", 0) - 1) if row["is_gathered"] else 0
    if row["amount"] is None:
        more["amount"] = row["total"]  # rated before rules could price a line
    return LineItem.model_validate(row | chosen | more)


def _origin(row: LineValues, which: str, user: str | None) -> dict[str, Any]:
    return {
        "provenance": row[f"{which}_provenance"],
        "source": row[f"source_{which}"],
        "system": row[f"system_{which}"],
        "user": user,
        "explanation": row[f"{which}_explanation"],
    }


def _name(names: Names, kind: MirrorKind, external_id: str | None) -> str | None:
    return None if external_id is None else names.get((kind.value, external_id), external_id)
