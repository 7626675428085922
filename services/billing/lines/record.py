"""A line between the database and the rules, by position: by name would take a third of a load's time in billing."""

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter, itemgetter
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.billing.lines.stored import StoredLine
from services.billing.lines.table import COLUMNS
from services.billing.rules.editable import apply_decisions
from services.billing.rules.line import DateValue, Line, Rated, TrueUp
from services.contracts.charge_types import parse_charge_type

to_record = attrgetter(*(column.path for column in COLUMNS))
"""The values of COLUMNS of a StoredLine."""

_END = len(COLUMNS)  # where a record has the decisions, and where what is worked out begins
_READS = [(position, column.read) for position, column in enumerate(COLUMNS) if column.read]
_AT = {column.path: position for position, column in enumerate(COLUMNS)}
_READ_BESIDE = ("push_failed", "true_ups")
_UNDECIDED = [each for each in fields(Line) if f"line.{each.name}" not in _AT and each.name not in _READ_BESIDE]
_WORKED_OUT = (
    *(f"line.{name}" for name in _READ_BESIDE),
    "rated.charge_type",
    *(f"line.{each.name}" for each in _UNDECIDED),
    *("decisions", "line", "user_start", "user_end", "rated.start", "rated.end", "rated"),
)
_AT |= {path: _END + position for position, path in enumerate(_WORKED_OUT)}
_TRUE_UPS = TypeAdapter(list[TrueUp])
_DEFAULTS = [each.default for each in _UNDECIDED]
_PUSH_ERROR, _CHARGE_TYPE, _IS_RECURRING = _AT["push_error"], _AT["line.charge_type"], _AT["rated.is_recurring"]
_SENT_FINGERPRINT, _SENT_RECURRING = _AT["line.sent_fingerprint"], _AT["line.sent_recurring"]

_AMOUNT, _TOTAL = _AT["rated.amount"], _AT["line.total"]
_SENT_AMOUNT = _AT["line.sent_amount"]
_AS_SENT = {
    _SENT_AMOUNT: _AT["rated.amount"],
    _AT["line.sent_agreement_id"]: _AT["rated.agreement_id"],
    _AT["line.sent_from"]: _AT["rated.start.value"],
    _AT["line.sent_start"]: _AT["rated.start.value"],
    _AT["line.sent_end"]: _AT["rated.end.value"],
}


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


def _recall_sending(values: list[Any]) -> None:
    """What a line was sent with, before that was remembered: its own values, where the PSA has exactly these."""
    if values[_SENT_FINGERPRINT] == values[_AT["rated.fingerprint"]]:
        for sent, own in _AS_SENT.items():
            values[sent] = values[own]


def _read_true_ups(document: str | None) -> tuple[TrueUp, ...]:
    return tuple(_TRUE_UPS.validate_json(document)) if document else ()


def from_record(record: Iterable[Any]) -> StoredLine:
    """A StoredLine of the values of COLUMNS, then its decisions as a JSON object, then its true-ups as a JSON array."""
    values = list(record)
    decisions = orjson.loads(values[_END]) if values[_END] else {}
    true_ups = _read_true_ups(values[_END + 1])
    for position, read in _READS:
        values[position] = read(values[position])
    if values[_AMOUNT] is None:
        values[_AMOUNT] = values[_TOTAL]  # rated before rules could price a line
    if values[_SENT_RECURRING] is None and values[_SENT_FINGERPRINT] is not None:
        values[_SENT_RECURRING] = values[_IS_RECURRING]  # sent before that was remembered
    if values[_SENT_AMOUNT] is None and values[_SENT_FINGERPRINT] is not None:
        _recall_sending(values)
    charge_type = parse_charge_type(values[_CHARGE_TYPE])
    values[_END:] = (bool(values[_PUSH_ERROR]), true_ups, charge_type, *_DEFAULTS, decisions)
    line = Line(*_line(values))
    effective = apply_decisions(line, decisions)
    values += (line, effective.user_start, effective.user_end)
    values += (DateValue(*_start(values)), DateValue(*_end(values)))
    values.append(Rated(*_rated(values)))
    return StoredLine(*_stored(values))
