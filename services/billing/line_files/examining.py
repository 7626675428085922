"""Holds rows of an edited file against the lines they name: what changes, and what is refused. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import JsonValue, ValidationError

from services.billing.line_files.cells import is_unchanged, read_value
from services.billing.line_files.columns import LINE, VERSION, LineColumn, show
from services.billing.line_files.reading import Formula, Raw, RawRow, name_place
from services.billing.line_files.refusals import LONGEST_SHOWN, RefusalReason, RefusedCell
from services.billing.rules.editable import check_value

Line = Mapping[str, Any]
_NOT_HERE = "There is no such line here: its id was changed, or the file is another partner's."


@dataclass(frozen=True, slots=True)
class WantedLine:
    """What a row wants of its line."""

    line_id: UUID
    version: int
    changes: dict[str, JsonValue]
    row: RawRow


@dataclass(slots=True)
class Examined:
    """What some rows bring. A row is counted as unchanged only where nothing of it was refused."""

    wanted: list[WantedLine] = field(default_factory=list)
    refused: list[RefusedCell] = field(default_factory=list)
    rows: int = 0
    unchanged: int = 0


def identify(rows: Iterable[RawRow], seen: dict[UUID, int], found: Examined) -> list[tuple[RawRow, UUID]]:
    """The rows that name a line, each line once. What names none, or one again, is refused in `found`.

    Args:
        seen: line → row that named it first; those of these rows are added.
    """
    named = []
    for row in rows:
        found.rows += 1
        if _has_other_width(row):
            words = f"The header has {row.header.width} titles, this row {len(row.cells)} cells: some may have slipped."
            found.refused.append(_refuse_row(row, None, RefusalReason.WRONG_COLUMN_COUNT, words))
            continue
        line_id = _read_id(_cell(row, row.header.place_of_line))
        if line_id is None:
            found.refused.append(_refuse(row, row.header.place_of_line, None, RefusalReason.NO_SUCH_LINE, _NOT_HERE))
        elif line_id in seen:
            words = f"Row {seen[line_id]} names the same line; only that row counts."
            found.refused.append(_refuse_row(row, line_id, RefusalReason.DUPLICATE_LINE, words))
        else:
            seen[line_id] = row.number
            named.append((row, line_id))
    return named


def examine(
    named: Sequence[tuple[RawRow, UUID]], lines: Mapping[UUID, Line], period: str | None, found: Examined
) -> None:
    """Compare each row with its line, cell by cell, into `found`.

    Args:
        lines: those of them that exist, with names, as they are exported.
        period: the only month whose lines may change; None takes any.
    """
    for row, line_id in named:
        line = lines.get(line_id)
        refused = _refuse_as_a_whole(row, line_id, line, period)
        if line is None or refused is not None:
            if refused is not None:
                found.refused.append(refused)
            continue
        changes, cells = _compare(row, line)
        found.refused += cells
        if changes:
            found.wanted.append(WantedLine(line_id, line[VERSION], changes, row))
        elif not cells:
            found.unchanged += 1


def refuse_value(wanted: WantedLine, name: str, words: str) -> RefusedCell:
    """The refusal of a change that only the database could tell."""
    place = next(at for at, column in wanted.row.header.columns.items() if column.name == name)
    return _refuse(wanted.row, place, wanted.line_id, RefusalReason.NO_SUCH_RECORD, words)


def _refuse_as_a_whole(row: RawRow, line_id: UUID, line: Line | None, period: str | None) -> RefusedCell | None:
    header = row.header
    if line is None:
        return _refuse(row, header.place_of_line, line_id, RefusalReason.NO_SUCH_LINE, _NOT_HERE)
    if period is not None and line["period"] != period:
        words = f"The line is of {line['period']}, and this import is for {period}."
        return _refuse_row(row, line_id, RefusalReason.OTHER_MONTH, words)
    if str(_cell(row, header.place_of_version)).strip() != str(line[VERSION]):
        words = f"The line was changed since the export: it is at version {line[VERSION]} now. Export it again."
        return _refuse(row, header.place_of_version, line_id, RefusalReason.STALE_VERSION, words)
    return None


def _compare(row: RawRow, line: Line) -> tuple[dict[str, JsonValue], list[RefusedCell]]:
    changes: dict[str, JsonValue] = {}
    refused = []
    for place, column in row.header.columns.items():
        cell = _cell(row, place)
        if column.name in (LINE, VERSION) or (
            not isinstance(cell, Formula) and is_unchanged(cell, show(column, line), column.kind)
        ):
            continue
        fault = _find_fault(cell, column, line)
        if fault is None:
            try:
                changes[column.name] = _read(cell, column)
                continue
            except ValueError as error:
                fault = RefusalReason.UNREADABLE_VALUE, str(error)
        refused.append(_refuse(row, place, line[LINE], *fault))
    return changes, refused


def _find_fault(cell: Raw, column: LineColumn, line: Line) -> tuple[RefusalReason, str] | None:
    if not column.is_editable:
        return RefusalReason.NOT_EDITABLE, f"{column.title} cannot be changed in a file."
    if isinstance(cell, Formula):
        return RefusalReason.FORMULA, "Write the value itself, not a formula."
    if cell in (None, "") and (line["decisions"] or {}).get(column.name) is None:
        return RefusalReason.NOTHING_TO_TAKE_BACK, "An empty cell takes an edit back, and nobody has edited this one."
    return None


def _read(cell: Raw, column: LineColumn) -> JsonValue:
    value = read_value(cell, column.kind)
    try:
        return None if value is None else check_value(column.name, value)
    except ValidationError as fault:
        raise ValueError(fault.errors()[0]["msg"].removeprefix("Value error, ")) from fault


def _has_other_width(row: RawRow) -> bool:
    """In a workbook, whether there is something beyond the titles: it does not say where a row ends."""
    if row.header.is_csv:
        return len(row.cells) != row.header.width
    return any(cell not in (None, "") for cell in row.cells[row.header.width :])


def _read_id(cell: Raw) -> UUID | None:
    try:
        return UUID(str(cell).strip())
    except ValueError:
        return None


def _cell(row: RawRow, place: int) -> Raw:
    return row.cells[place] if place < len(row.cells) else None


def _refuse(row: RawRow, place: int, line_id: UUID | None, reason: RefusalReason, words: str) -> RefusedCell:
    at, column = name_place(place, row.number), row.header.columns[place]
    cell = _cell(row, place)
    shown = "" if cell is None else _storable(str(cell))
    return RefusedCell(row.header.sheet, row.number, column.title, at, shown, line_id, reason, words)


def _refuse_row(row: RawRow, line_id: UUID | None, reason: RefusalReason, words: str) -> RefusedCell:
    return RefusedCell(row.header.sheet, row.number, "", str(row.number), "", line_id, reason, words)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:LONGEST_SHOWN]
