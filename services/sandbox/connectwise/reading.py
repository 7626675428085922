"""GET: lists, counts and single records, with conditions, order and chosen fields."""

from collections.abc import Mapping
from typing import Any

from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.errors import bad_request, wrong_condition
from services.sandbox.connectwise.filters import (
    Filter,
    comparable,
    kind_of,
    make_element_filter,
    make_filter,
    spelled,
    value_at,
)
from services.sandbox.connectwise.paging import Query, cut_page
from services.sandbox.connectwise.present import present
from services.sandbox.connectwise.schema import Schema
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.seed.references import Record


def list_records(books: Books, kind: str, parent: int | None, query: Query) -> tuple[list[Record], Mapping[str, str]]:
    """(records of the page, headers)."""
    schema = SCHEMAS[kind]
    order = query.params.get("orderby", "")
    if query.filters or order:
        found = _ordered(schema, _matching(books, kind, parent, query), order)
        page, headers = cut_page(found, query)
    else:  # present only the page: an agreement may hold many thousands of additions
        raw, headers = cut_page(books.all_as_listed(kind, parent, is_filtered=False), query)
        page = [present(kind, record, books) for record in raw]
    return choose_fields(schema, page, query), headers


def count_records(books: Books, kind: str, parent: int | None, query: Query) -> int:
    if query.filters:
        return len(_matching(books, kind, parent, query))
    lags = books.behaviour.list_lag_seconds
    return len(books.all_as_listed(kind, parent, is_filtered=False)) if lags else books.count(kind, parent)


def choose_fields(schema: Schema, records: list[Record], query: Query) -> list[Record]:
    """Only the fields named in `fields`; `_info` then comes only if named."""
    paths = [path.strip() for path in query.params.get("fields", "").split(",") if path.strip()]
    if not paths:
        return records
    for path in paths:
        if path.split("/")[0] not in schema.fields:
            raise wrong_condition(f"{path} is not a recognized name.")
    return [_chosen(record, paths) for record in records]


def _matching(books: Books, kind: str, parent: int | None, query: Query) -> list[Record]:
    """Presented records that pass all filters, as lists show them."""
    filters = _filters(SCHEMAS[kind], query.params)
    records = books.all_as_listed(kind, parent, is_filtered=query.filters)
    presented = (present(kind, record, books) for record in records)
    return [record for record in presented if all(passes(record) for passes in filters)]


def _filters(schema: Schema, params: Mapping[str, str]) -> list[Filter]:
    filters = []
    if params.get("conditions"):
        filters.append(make_filter(schema, params["conditions"]))
    if params.get("childconditions"):
        filters.append(make_element_filter(params["childconditions"]))
    if params.get("customfieldconditions"):
        filters.append(make_element_filter(params["customfieldconditions"], within="customFields"))
    return filters


def _ordered(schema: Schema, records: list[Record], order: str) -> list[Record]:
    """By several keys at most; missing values come first, as on SQL Server."""
    for key in reversed([part.split() for part in order.split(",") if part.strip()]):
        path, direction = spelled(schema, key[0]), key[1].lower() if len(key) > 1 else "asc"
        kind_of(schema, path)
        if direction not in ("asc", "desc"):
            raise bad_request(f"'{direction}' is not a direction: use asc or desc.")
        records = sorted(records, key=lambda record: _sort_key(record, path), reverse=direction == "desc")
    return records


def _sort_key(record: Record, path: str) -> tuple[bool, Any]:
    value = value_at(record, path)
    return (False, 0) if value is None else (True, comparable(value))


def _chosen(record: Record, paths: list[str]) -> Record:
    chosen: Record = {}
    for path in paths:
        value = value_at(record, path)
        if value is None:
            continue
        steps = path.split("/")
        place = chosen
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        place[steps[-1]] = value
    return chosen
