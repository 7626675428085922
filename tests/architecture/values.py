"""Which members of the product's vocabulary a piece of code makes, and on which it branches.

Read from the syntax alone. A member makes a value wherever it is not compared, matched or looked up: as an
argument, a default, an assigned or returned value. It is branched on as an operand of a comparison, in a
pattern, as a key of a mapping, in a query's `in_`, and in a constant that is compared with somewhere. Such a
constant makes its members as well where it is used for anything else.
"""

import ast
import typing
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.contracts import vocabulary
from services.contracts.envelope import Event
from services.contracts.shapes import Only
from tests.architecture.source import Source

ENUMS: dict[str, type[StrEnum]] = {
    name: each
    for name, each in vars(vocabulary).items()
    if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
}
_GROUPS = (ast.Tuple, ast.List, ast.Set, ast.Starred, ast.BinOp)
_GROUPING_CALLS = {"frozenset", "set", "tuple", "list"}
_LOOKUPS = {"in_", "filter_by", "is_one_of"}


@dataclass(frozen=True)
class Use:
    """One member in the code. `compared_with` is the name of the attribute it is compared with, where there is one."""

    member: str
    """As `Enum.MEMBER`: members of two enums that are spelt alike are equal as texts."""
    place: str
    is_branch: bool
    compared_with: str = ""


@dataclass(frozen=True)
class Field:
    """A field of an event, or of what it carries, that holds a vocabulary value."""

    name: str
    words: type[StrEnum]
    only: frozenset[str] | None
    """The members that travel in it, where the contract says so."""


def name_of(member: StrEnum) -> str:
    return f"{type(member).__name__}.{member.name}"


def members_of(words: str) -> set[str]:
    return {name_of(member) for member in ENUMS[words]}


def find_uses(sources: Iterable[Source]) -> list[Use]:
    """Every member that is made or branched on in `sources`; those in annotations are neither."""
    sources = list(sources)
    compared = Counter(name for source in sources for name in _compared_names(source.tree))
    loaded = Counter(name for source in sources for name in _loaded_names(source.tree))
    return [use for source in sources for use in _uses_of(source, compared, loaded)]


def _compared_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            operands: list[ast.expr] = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and _called(node) in _LOOKUPS:
            operands = list(node.args)
        else:
            continue
        yield from (each.id for each in operands if isinstance(each, ast.Name))


def _loaded_names(tree: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _uses_of(source: Source, compared: Counter[str], loaded: Counter[str]) -> Iterator[Use]:
    parents = {child: node for node in ast.walk(source.tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(source.tree):
        member = _member(node)
        if member and isinstance(node, ast.Attribute):
            for is_branch, compared_with in _classify(node, parents, compared, loaded):
                yield Use(member, source.at(node), is_branch, compared_with)


def _member(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=words), attr=name) if words in ENUMS and name in ENUMS[words].__members__:
            return f"{words}.{name}"
        case _:
            return ""


def _classify(
    node: ast.expr, parents: dict[ast.AST, ast.AST], compared: Counter[str], loaded: Counter[str]
) -> Iterator[tuple[bool, str]]:
    """Whether it is a branch, and what it is compared with; nothing for an annotation, both for some constants."""
    below, above = _leave_group(node, parents)
    name = "" if below is node else _assigned(above)
    if name:
        if compared[name]:
            yield True, ""
        if loaded[name] > compared[name]:
            yield False, ""
    elif not _is_annotation(above):
        yield _is_branch(below, above, parents), _compared_with(below, above, parents)


def _is_branch(below: ast.AST, above: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    match above:
        case ast.Compare() | ast.MatchValue():
            return True
        case ast.Dict():
            return below in above.keys
        case ast.Subscript():
            return below is above.slice
        case ast.keyword():
            return _called(parents[above]) in _LOOKUPS
        case _:
            return _called(above) in _LOOKUPS


def _compared_with(below: ast.AST, above: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    if isinstance(above, ast.Compare):
        others = (each for each in (above.left, *above.comparators) if each is not below)
        return next(filter(None, map(_attribute, others)), "")
    while isinstance(above, ast.pattern | ast.match_case):
        above = parents[above]
    return _attribute(above.subject) if isinstance(above, ast.Match) else ""


def _assigned(node: ast.AST) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _leave_group(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> tuple[ast.AST, ast.AST]:
    """The widest collection that a member stands in, and what that collection is used in."""
    below, above = node, parents[node]
    while (
        isinstance(above, _GROUPS)
        or (isinstance(above, ast.Attribute) and above.attr == "value")
        or (isinstance(above, ast.Call) and _called(above) in _GROUPING_CALLS)
    ):
        below, above = above, parents[above]
    return below, above


def _attribute(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return _attribute(node.value) if node.attr == "value" else node.attr
    return ""


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_annotation(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal"


@cache
def fields_of(fact: type[Event]) -> frozenset[Field]:
    """Every vocabulary field that an event carries, at any depth."""
    return frozenset(_fields_of(fact, set()))


def _fields_of(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[Field]:
    seen.add(model)
    for name, info in model.model_fields.items():
        for each in _types_in(info.annotation):
            if issubclass(each, BaseModel) and each not in seen:
                yield from _fields_of(each, seen)
            elif issubclass(each, StrEnum):
                yield Field(name, each, _only(info))


def _types_in(annotation: object) -> Iterator[type]:
    parts = typing.get_args(annotation)
    if not parts and isinstance(annotation, type):
        yield annotation
    for each in parts:
        yield from _types_in(each)


def _only(info: FieldInfo) -> frozenset[str] | None:
    found = [each.func for each in info.metadata if isinstance(getattr(each, "func", None), Only)]
    return frozenset(map(name_of, found[0].members)) if found else None
