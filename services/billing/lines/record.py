"""A line between the database and the rules, by position: by name would take a third of a load's time in billing."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter, itemgetter
from typing import Any

import orjson

from services.billing.lines.stored import StoredLine
from services.billing.lines.table import COLUMNS
from services.billing.rules.editable import apply_decisions
from services.billing.rules.line import DateValue, Line, Rated
from services.contracts.charge_types import parse_charge_type

to_record = attrgetter(*(column.path for column in COLUMNS))
"""The values of COLUMNS of a StoredLine."""

_END = len(COLUMNS)  # where a record has the decisions, and where what is worked out begins
_READS = [(position, column.read) for position, column in enumerate(COLUMNS) if column.read]
_AT = {column.path: position for position, column in enumerate(COLUMNS)}
_UNDECIDED = [each for each in fields(Line) if f"line.{each.name}" not in _AT and each.name != "push_failed"]
_WORKED_OUT = (
    "line.push_failed",
    "rated.charge_type",
    *(f"line.{each.name}" for each in _UNDECIDED),
    *("decisions", "line", "user_start", "user_end", "rated.start", "rated.end", "rated"),
)
_AT |= {path: _END + position for position, path in enumerate(_WORKED_OUT)}
_DEFAULTS = [each.default for each in _UNDECIDED]
_PUSH_ERROR, _CHARGE_TYPE, _IS_RECURRING = _AT["push_error"], _AT["line.charge_type"], _AT["rated.is_recurring"]
_SENT_FINGERPRINT, _SENT_RECURRING = _AT["line.sent_fingerprint"], _AT["line.sent_recurring"]


def _pick(paths: Iterable[str]) -> "itemgetter[Any]":
    return itemgetter(*(_AT[path] for path in paths))


def _pick_date(which: str) -> "itemgetter[Any]":
    path = f"rated.{which}."
    elsewhere = {f"{path}source": f"line.charge_{which}", f"{path}user": f"user_{which}"}
    paths = (f"{path}{each.name}" for each in fields(DateValue))
    return _pick(elsewhere.get(each, each) for each in paths)


_line = _pick(f"line.{each.name}" for each in fields(Line))
_rated = _pick(f"rated.{each.name}" for each in fields(Rated))
_start, _end = _pick_date("start"), _pick_date("end")
_stored = _pick(each.name for each in fields(StoredLine))


def from_record(record: Iterable[Any]) -> StoredLine:
    """A StoredLine of the values of COLUMNS, and after them its decisions as a JSON object or None."""
    values = list(record)
    decisions = orjson.loads(values[_END]) if values[_END] else {}
    for position, read in _READS:
        values[position] = read(values[position])
    if values[_SENT_RECURRING] is None and values[_SENT_FINGERPRINT] is not None:
        values[_SENT_RECURRING] = values[_IS_RECURRING]  # sent before that was remembered
    values[_END:] = (bool(values[_PUSH_ERROR]), parse_charge_type(values[_CHARGE_TYPE]), *_DEFAULTS, decisions)
    line = Line(*_line(values))
    effective = apply_decisions(line, decisions)
    values += (line, effective.user_start, effective.user_end)
    values += (DateValue(*_start(values)), DateValue(*_end(values)))
    values.append(Rated(*_rated(values)))
    return StoredLine(*_stored(values))
