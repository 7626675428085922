"""What a kind of record is made of: fields with their kinds, limits, options and targets."""

from enum import Enum, auto
from typing import NamedTuple


class FieldKind(Enum):
    TEXT = auto()
    INTEGER = auto()
    NUMBER = auto()
    FLAG = auto()
    MOMENT = auto()
    """A day, written as midnight UTC."""
    CHOICE = auto()
    REFERENCE = auto()
    LIST = auto()
    OBJECT = auto()


class Field(NamedTuple):
    kind: FieldKind
    limit: int | None = None
    options: tuple[str, ...] = ()
    target: str = ""
    """Kind of the record a reference points at; empty when the stand-in does not keep that kind."""
    is_computed: bool = False
    """Writing it has no effect."""


class Schema(NamedTuple):
    resource: str
    fields: dict[str, Field]
    required: tuple[str, ...] = ()
    prices: frozenset[str] = frozenset()
    """Numbers kept at the price scale; all others at the quantity scale."""


def make_schema(
    resource: str,
    *,
    required: str = "",
    texts: str = "",
    integers: str = "",
    numbers: str = "",
    prices: str = "",
    flags: str = "",
    moments: str = "",
    choices: dict[str, str] | None = None,
    references: str = "",
    lists: str = "customFields",
    computed: str = "",
) -> Schema:
    """A schema from word lists: `texts` as `name:limit`, `references` as `name:kind of record`."""
    kinds = {
        FieldKind.INTEGER: f"id {integers}",
        FieldKind.NUMBER: f"{numbers} {prices}",
        FieldKind.FLAG: flags,
        FieldKind.MOMENT: moments,
        FieldKind.LIST: lists,
        FieldKind.OBJECT: "_info",
    }
    fields = {name: Field(kind) for kind, names in kinds.items() for name in names.split()}
    for name, _, limit in (word.partition(":") for word in texts.split()):
        fields[name] = Field(FieldKind.TEXT, limit=int(limit) if limit else None)
    for name, _, target in (word.partition(":") for word in references.split()):
        fields[name] = Field(FieldKind.REFERENCE, target=target)
    for name, options in (choices or {}).items():
        fields[name] = Field(FieldKind.CHOICE, options=tuple(options.split()))
    for name in f"id _info {computed}".split():
        fields[name] = fields[name]._replace(is_computed=True)
    return Schema(resource, fields, tuple(required.split()), frozenset(prices.split()))
