"""What a bulk edit does to some lines: each before and after, or why it is left out. Pure but for the books."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.billing.bulk_edits.changes import Change, Resolved, Skip, SkipReason, Values, resolve
from services.billing.bulk_edits.repository import find_changed_since
from services.billing.lines.decisions.comparing import compare, find_refused
from services.billing.lines.stored import StoredLine
from services.billing.rating.books import Needs, gather_books
from services.billing.rating.service import rate_again
from services.billing.rules.book import RateBook
from services.contracts.shapes import FieldChange
from services.kit.base.db import ReadSession


@dataclass(frozen=True, slots=True)
class Effect:
    """One line that is changed. `after` is a version later, rated anew."""

    before: StoredLine
    after: StoredLine
    values: Values
    changes: list[FieldChange]


@dataclass(frozen=True, slots=True)
class Effects:
    """Every line of a batch is in one of both."""

    changed: list[Effect]
    skipped: list[tuple[StoredLine, Skip]]


async def find_effects(
    session: ReadSession, lines: Sequence[StoredLine], changes: Sequence[Change], since: datetime | None
) -> Effects:
    """Resolve changes for some lines and rate those that they change; nothing is written.

    Args:
        since: what changed after this instant is left out.
    """
    books = await gather_books(session, Needs.of(lines))
    moved = await find_changed_since(session, [line.id for line in lines], since) if since else {}
    resolved = [
        (line, _leave_out(moved[line.id]))
        if line.id in moved
        else (line, _resolve(line, changes, books[line.rules_version]))
        for line in lines
    ]
    decided = [(line, values) for line, values in resolved if not isinstance(values, Skip)]
    edited = [replace(line, decisions={**line.decisions, **values}) for line, values in decided]
    return Effects(
        changed=[
            Effect(line, after, values, compare(line.effective, after.effective))
            for (line, values), after in zip(decided, await rate_anew(session, edited), strict=True)
        ],
        skipped=[(line, values) for line, values in resolved if isinstance(values, Skip)],
    )


async def rate_anew(session: ReadSession, edited: Sequence[StoredLine]) -> list[StoredLine]:
    """Lines about which people have decided otherwise, a version later, with what the rules say now."""
    rated = await rate_again(session, edited)
    return [replace(after, version=line.version + 1) for line, after in zip(edited, rated, strict=True)]


def _leave_out(who: str) -> Skip:
    return Skip(SkipReason.CHANGED_SINCE, f"{who or 'a load or the rules'} changed it since the preview before")


def _resolve(line: StoredLine, changes: Sequence[Change], book: RateBook) -> Resolved:
    values = resolve(line, changes, book)
    if isinstance(values, Skip):
        return values
    after = replace(line, decisions={**line.decisions, **values})
    differences = compare(line.effective, after.effective)
    if not differences:
        return Skip(SkipReason.UNCHANGED, "it has these values already")
    if refused := find_refused(line.line, differences, book):
        return Skip(SkipReason.INVOICED, f"{book.psa.label} has invoiced it: {', '.join(refused)} cannot be changed")
    return {each.field: values[each.field] for each in differences}
