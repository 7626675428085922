"""Describes lines as people see them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.billing.lines import repository
from services.billing.lines.grid import repository as grid
from services.billing.lines.grid.repository import LineValues
from services.billing.lines.schemas import LineItem
from services.billing.mirrors import repository as references
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import AgreementFacts
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


async def find_names(session: ReadSession, rows: Sequence[LineValues]) -> Names:
    """Names of the records that some lines name by id."""
    wanted = {(kind, row[field]) for row in rows for field, kind in _CHOSEN.values() if row[field] is not None}
    return await references.name_all(session, wanted)


async def describe_all(session: ReadSession, rows: Sequence[LineValues]) -> list[LineItem]:
    names = await find_names(session, rows)
    shared = {row["addition_id"] for row in rows if row["is_gathered"] and row["addition_id"]}
    carried = await repository.count_carried(session, shared) if shared else {}
    invoiced = await _find_invoiced(session, rows)
    return [describe(row, names, carried, is_invoiced=row["id"] in invoiced) for row in rows]


async def _find_invoiced(session: ReadSession, rows: Sequence[LineValues]) -> set[UUID]:
    """Lines that the PSA has invoiced."""
    sent = [row for row in rows if row["sent_amount"] is not None and row["sent_agreement_id"] and row["sent_from"]]
    if not sent:
        return set()
    found = await references.find_agreements(session, (), {row["sent_agreement_id"] for row in sent})
    traits = await references.find_traits(session)
    agreements = [AgreementFacts.model_validate(each.agreement) for each in found if each.agreement]
    terms = {facts.agreement_id: AgreementTerms(facts, traits) for facts in agreements}
    return {
        row["id"]
        for row in sent
        if (of := terms.get(row["sent_agreement_id"])) is not None and of.is_invoiced(row["sent_from"])
    }


def describe(row: LineValues, names: Names, carried: Mapping[str, int], *, is_invoiced: bool) -> LineItem:
    chosen = show_names(row, names)
    decisions = row["decisions"] or {}
    origins = {
        f"charge_{which}_date": _origin(row, which, decisions.get(f"charge_{which}_date")) for which in ("start", "end")
    }
    more = {"excluded": bool(decisions.get("excluded")), "provenance": origins, "is_invoiced": is_invoiced}
    more["decided"] = {name: value for name, value in decisions.items() if value is not None}
    more["carried_with"] = max(0, carried.get(row["addition_id"] or "", 0) - 1) if row["is_gathered"] else 0
    if row["amount"] is None:
        more["amount"] = row["total"]  # rated before rules could price a line
    return LineItem.model_validate(row | chosen | more)


def show_names(row: LineValues, names: Names) -> dict[str, str | None]:
    """Company, agreement and product of a line by name; by id where the name is not known."""
    return {shown: _name(names, kind, row[field]) for shown, (field, kind) in _CHOSEN.items()}


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
