"""The filter and the orders of lines, as query parameters and as one value, both derived from FIELDS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from services.billing.lines.fields import FIELDS, GROUPS, SORTABLE, FieldKind, LineField, Operator
from services.contracts.periods import Period
from services.contracts.vocabulary import LineStatus

MOST_VALUES = 200  # of one field: a selection made by hand
MOST_KEYS = 5  # of an order

Text = Annotated[str, Field(max_length=300)]
Figure = Annotated[Decimal, Field(max_digits=30, allow_inf_nan=False)]
SEARCH = "Words, each of them in a name or invoice number"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the filter: one field, compared in one way."""

    name: str
    field: LineField
    operator: Operator
    accepts: Any
    takes_many: bool

    @property
    def description(self) -> str:
        return f"{self.field.label}: {_WORDS[self.operator]}"


_WORDS = {
    Operator.ANY_OF: "any of these",
    Operator.NONE_OF: "none of these",
    Operator.CONTAINS: "has this text in it",
    Operator.IS_EMPTY: "has none",
    Operator.AT_LEAST: "at least",
    Operator.AT_MOST: "at most",
    Operator.FROM: "from this on",
    Operator.TO: "up to and including this",
}
_BOUNDS: dict[FieldKind, Any] = {
    FieldKind.MONTH: Period,
    FieldKind.NUMBER: Figure,
    FieldKind.MONEY: Figure,
    FieldKind.DATE: date,
    FieldKind.INSTANT: date,
}


def _as_member(field: LineField, operator: Operator) -> Member:
    takes_many = operator in (Operator.ANY_OF, Operator.NONE_OF)
    accepts: Any
    if takes_many and field.kind in (FieldKind.MONTH, FieldKind.FLAG):
        takes_many, accepts = False, Period if field.kind is FieldKind.MONTH else bool
    elif takes_many:
        accepts = field.values or Text
    elif operator is Operator.CONTAINS:
        accepts = Text
    else:
        accepts = bool if operator is Operator.IS_EMPTY else _BOUNDS[field.kind]
    return Member(field.parameter(operator), field, operator, accepts, takes_many)


MEMBERS: dict[str, Member] = {
    member.name: member
    for field in FIELDS.values()
    for operator in field.operators
    if (member := _as_member(field, operator))
}


def _as_many(value: object) -> object:
    """One value stands for a list of it, as filters were written before lists were understood."""
    return value if value is None or isinstance(value, list | tuple) else (value,)


class LineFilterBase(BaseModel):
    """What people look for, in lists, totals, groups, saved views and bulk edits alike. What is absent does not narrow.

    Several values of one field widen, several fields narrow.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Period | None = None
    status: tuple[LineStatus, ...] | None = ()
    search: str | None = Field(None, max_length=200, description=SEARCH)

    def given(self) -> Iterator[tuple[Member, Any]]:
        """What narrows, apart from `search`."""
        for name, member in MEMBERS.items():
            value = getattr(self, name)
            if value is not None and value != ():
                yield member, value

    def without(self, *names: str) -> "LineFilter":
        """The same filter with some members left out."""
        return self.model_copy(update={name: LineFilter.model_fields[name].default for name in names})


def _as_model_field(member: Member) -> tuple[Any, Any]:
    if not member.takes_many:
        return member.accepts | None, Field(None, description=member.description)
    one: Any = member.accepts
    many: Any = Annotated[tuple.__class_getitem__((one, ...)), Field(max_length=MOST_VALUES)]
    written: Any = one | list.__class_getitem__(one) | None
    as_given = BeforeValidator(_as_many, json_schema_input_type=written)
    default = () if member.name == "status" else None  # a status was always a list
    return Annotated[many | None, as_given], Field(default, description=member.description)


if TYPE_CHECKING:
    LineFilter = LineFilterBase  # a type checker sees what is asked for by name in this code
else:
    LineFilter = create_model(
        "LineFilter",
        __base__=LineFilterBase,
        __doc__=LineFilterBase.__doc__,
        **{name: _as_model_field(member) for name, member in MEMBERS.items()},
    )


def _as_parameter(name: str, accepts: Any, query: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[accepts, query])


def _parameters() -> Iterator[Parameter]:
    for name, member in MEMBERS.items():
        said = member.description
        one: Any = member.accepts
        if member.takes_many:
            query = Query(max_length=MOST_VALUES, description=f"{said}; may be given several times")
            yield _as_parameter(name, list.__class_getitem__(one) | None, query)
        else:
            yield _as_parameter(name, one | None, Query(description=said))
    yield _as_parameter("search", str | None, Query(max_length=200, description=SEARCH))


def read_filter(**given: Any) -> LineFilter:
    """The filter of a request, from one query parameter for each of its members."""
    return LineFilter.model_validate({name: value for name, value in given.items() if value is not None})


_read_filter: Callable[..., Any] = read_filter
_read_filter.__signature__ = Signature(list(_parameters()), return_annotation=LineFilter)  # type: ignore[attr-defined]


if TYPE_CHECKING:

    class LineSort(StrEnum):
        """An order of the grid; a leading minus turns it round."""

    class LineGrouping(StrEnum):
        """What lines are added up by."""

else:
    LineSort = StrEnum(
        "LineSort",
        {
            f"{field.name}{ending}".upper(): sign + field.name
            for field in SORTABLE
            for ending, sign in (("", ""), ("_DOWN", "-"))
        },
    )
    LineSort.__doc__ = "Orders of the grid; a leading minus turns them round. Open ends come after every day."
    LineGrouping = StrEnum("LineGrouping", {field.name.upper(): field.name for field in GROUPS})
    LineGrouping.__doc__ = "What lines are added up by."
