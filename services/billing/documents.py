"""Pass many rows as one JSON parameter: json_to_recordset is faster than rendering a long VALUES list."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import JSON, Text, cast, column, func, literal
from sqlalchemy.sql.selectable import TableValuedAlias

from services.kit.base.db import Base


def as_rows(table: type[Base], names: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> TableValuedAlias:
    """Rows to select from, with the types of the columns of `table`."""
    document = orjson.dumps(list(rows), default=str).decode()
    typed = (column(name, table.__table__.c[name].type) for name in names)
    found = func.json_to_recordset(cast(literal(document, Text), JSON)).table_valued(*typed)
    return found.render_derived(name="given", with_types=True)
