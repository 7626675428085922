"""Column types that hold what the code speaks of: an enum's member, a pydantic model, in place of text and dicts."""

from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Dialect, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

EnumT = TypeVar("EnumT", bound=StrEnum)
ValueT = TypeVar("ValueT")


class StringEnum(TypeDecorator[EnumT], Generic[EnumT]):
    """A member of a StrEnum, stored as its value in a text column.

    PostgreSQL's own enums cannot lose a member and need a migration for each new one. A stored value that the enum
    does not know raises ValueError when the row is read: a build that does not know a state must not act on it.

    Args:
        length: of the column, as the migration has it.
    """

    impl = String
    cache_ok = True

    def __init__(self, kind: type[EnumT], length: int) -> None:
        super().__init__(length)
        self.kind = kind

    def process_bind_param(self, value: EnumT | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's own signature
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> EnumT | None:  # noqa: ARG002 - SQLAlchemy's own signature
        return None if value is None else self.kind(value)


class PydanticJson(TypeDecorator[ValueT], Generic[ValueT]):
    """A value of any type that pydantic validates (a model, a list of models), stored as JSONB.

    It is validated when the row is read, once; afterwards its fields are typed. Decimals are decimal strings.
    A change inside a stored value is not noticed: assign a new value.
    """

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._adapter: TypeAdapter[ValueT] = TypeAdapter(kind)

    def process_bind_param(self, value: ValueT | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's own signature
        return None if value is None else self._adapter.dump_python(self._adapter.validate_python(value), mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> ValueT | None:  # noqa: ARG002 - SQLAlchemy's own signature
        return None if value is None else self._adapter.validate_python(value)
