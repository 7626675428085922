"""How a column is compared with many values: one array, whatever their number."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, any_, literal


def is_one_of(column: Any, values: Collection[str] | Collection[UUID]) -> ColumnElement[bool]:
    """`column = ANY (array)`. IN would make a parameter of each value, and another statement of each number."""
    matches: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return matches
