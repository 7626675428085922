"""What a condition means on a record: known fields, right kinds of values, and the database's way with nulls.

Texts compare without case and a missing value fails every test but `= null`, as on SQL Server (assumptions).
"""

import operator
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.connectwise.conditions import (
    Both,
    Comparison,
    Either,
    Tree,
    Value,
    parse,
    read_moment,
    unreadable,
)
from services.sandbox.connectwise.errors import wrong_condition
from services.sandbox.connectwise.schema import Field, FieldKind, Schema
from services.sandbox.seed.references import KINDS, Record

Filter = Callable[[Record], bool]

_INFO = frozenset("lastUpdated updatedBy dateEntered enteredBy".split())
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WANTED: dict[FieldKind, type] = {
    FieldKind.TEXT: str,
    FieldKind.CHOICE: str,
    FieldKind.INTEGER: Decimal,
    FieldKind.NUMBER: Decimal,
    FieldKind.FLAG: bool,
    FieldKind.MOMENT: datetime,
}


def make_filter(schema: Schema, text: str) -> Filter:
    """The test that `conditions` describes. Raises PsaError 400 on unknown fields and wrong kinds of values."""
    tree = _renamed(parse(text), lambda path: spelled(schema, path))
    return _compile(tree, schema.fields.get, lambda path: kind_of(schema, path))


def make_element_filter(text: str, *, within: str = "") -> Filter:
    """For `childConditions` and `customFieldConditions`: true when one element of an array passes.

    `within` names the array; empty means that the paths do, in their first segment.
    """
    tree = parse(text)
    array = within or _first_path(tree).split("/")[0]
    passes = _compile(tree if within else _without_prefix(tree, array), lambda _: None, lambda _: None)
    return lambda record: any(passes(element) for element in record.get(array) or [] if isinstance(element, dict))


def kind_of(schema: Schema, path: str) -> FieldKind:
    """The kind of value at a path as the schema spells it. Raises PsaError 400 when there is none to compare."""
    name, _, rest = path.partition("/")
    if not rest and name in _INFO:
        return FieldKind.MOMENT if name in ("lastUpdated", "dateEntered") else FieldKind.TEXT
    field = schema.fields.get(name)
    if field is None or field.kind in (FieldKind.LIST, FieldKind.OBJECT):
        raise wrong_condition(f"{path} is not a recognized name.")
    if field.kind is not FieldKind.REFERENCE:
        if rest:
            raise wrong_condition(f"{path} is not a recognized name.")
        return field.kind
    if rest == "id":
        return FieldKind.INTEGER
    shown = KINDS[field.target].shown if field.target else ("name", "identifier")
    if rest not in {*shown, "name", "identifier"}:
        raise wrong_condition(f"{path} is not a recognized name.")
    return FieldKind.TEXT


def spelled(schema: Schema, path: str) -> str:
    """The path as the schema spells it: names match without case."""
    name, slash, rest = path.partition("/")
    name = next((each for each in (*schema.fields, *_INFO) if each.casefold() == name.casefold()), name)
    known = ("id", "name", "identifier", "currencyCode")
    return name + slash + next((each for each in known if each.casefold() == rest.casefold()), rest)


def value_at(record: Record, path: str) -> Any:
    """The raw value at a path; None when any step is missing."""
    if path in _INFO:
        path = f"_info/{path}"
    value: Any = record
    for step in path.split("/"):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def comparable(value: Any, *, as_moment: bool = False) -> Any:
    """A value in a form that compares and sorts: texts without case, numbers as Decimal, days when asked for."""
    if isinstance(value, str):
        return read_moment(value) if as_moment else value.casefold()
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def _compile(tree: Tree, field_at: Callable[[str], Field | None], kind_at: Callable[[str], FieldKind | None]) -> Filter:
    match tree:
        case Both(parts):
            all_of = [_compile(part, field_at, kind_at) for part in parts]
            return lambda record: all(passes(record) for passes in all_of)
        case Either(parts):
            any_of = [_compile(part, field_at, kind_at) for part in parts]
            return lambda record: any(passes(record) for passes in any_of)
        case Comparison():
            _check_value(tree, kind_at(tree.path), field_at(tree.path))
            return _compile_test(tree)


def _check_value(test: Comparison, kind: FieldKind | None, field: Field | None) -> None:
    values = test.value if isinstance(test.value, list) else [test.value]
    if test.op in ("contains", "like"):
        if not all(isinstance(value, str) for value in values):
            raise unreadable(f"'{test.op}' needs a string.")
        return
    wanted = _WANTED.get(kind) if kind else None
    if wanted and not all(value is None or isinstance(value, wanted) for value in values):
        raise unreadable(f"The value given for '{test.path}' is of the wrong kind.")
    if field is not None and field.options:
        options = {option.casefold() for option in field.options}
        if any(isinstance(value, str) and value.casefold() not in options for value in values):
            raise wrong_condition("Enum value supplied was invalid")


def _renamed(tree: Tree, rename: Callable[[str], str]) -> Tree:
    if isinstance(tree, Comparison):
        return tree._replace(path=rename(tree.path))
    return type(tree)([_renamed(part, rename) for part in tree.parts])


def _compile_test(test: Comparison) -> Filter:
    path, op, value = test.path, test.op, test.value
    if value is None:
        wants_missing = op == "="
        return lambda record: (value_at(record, path) is None) is wants_missing
    passes = _predicate(op, value)
    negated = test.is_negated
    as_moment = isinstance(value, datetime)
    default = False if isinstance(value, bool) else None  # a flag nobody set is false, never null

    def check(record: Record) -> bool:
        found = value_at(record, path)
        found = default if found is None else found
        return found is not None and passes(comparable(found, as_moment=as_moment)) is not negated

    return check


def _predicate(op: str, value: Value | list[Value]) -> Callable[[Any], bool]:
    if isinstance(value, list):
        among = {_folded(each) for each in value}
        return lambda found: found in among
    folded = _folded(value)
    if op == "contains":
        return lambda found: str(folded) in str(found)
    if op == "like":
        pattern = _like(str(folded))
        return lambda found: pattern.fullmatch(str(found)) is not None
    compare = _COMPARE[op]
    return lambda found: type(found) is type(folded) and compare(found, folded)


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value


def _like(text: str) -> re.Pattern[str]:
    """`*` and `%` stand for anything; `[[]` for a bracket."""
    parts = re.split(r"(\[\[\]|[*%])", text)
    return re.compile(
        "".join(".*" if part in ("*", "%") else re.escape("[" if part == "[[]" else part) for part in parts), re.DOTALL
    )


def _first_path(tree: Tree) -> str:
    return tree.path if isinstance(tree, Comparison) else _first_path(tree.parts[0])


def _without_prefix(tree: Tree, array: str) -> Tree:
    if isinstance(tree, Comparison):
        first, _, rest = tree.path.partition("/")
        if first != array or not rest:
            raise wrong_condition(f"{tree.path} is not a recognized name.")
        return tree._replace(path=rest)
    return type(tree)([_without_prefix(part, array) for part in tree.parts])
