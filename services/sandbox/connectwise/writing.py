"""POST, PATCH, PUT and DELETE: read the fields, hold the rules, keep the record."""

from typing import Any

from services.sandbox.connectwise.additions import check_addition, check_deletion, complete_addition
from services.sandbox.connectwise.agreements import check_agreement, complete_agreement
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.catalog_items import check_item, complete_item
from services.sandbox.connectwise.errors import bad_request, invalid, not_found
from services.sandbox.connectwise.patching import read_patch
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.connectwise.values import FieldReader
from services.sandbox.seed.references import Record

WRITABLE: dict[str, frozenset[str]] = {
    "agreements": frozenset({"POST", "PATCH"}),
    "additions": frozenset({"POST", "PATCH", "PUT", "DELETE"}),
    "catalog": frozenset({"POST", "PATCH"}),
}
"""Verbs beside GET."""


def create(books: Books, kind: str, parent: int | None, body: Any) -> Record:
    """A new record. Raises PsaError."""
    record = _complete(kind, _read_whole(books, kind, body), _agreement_of(books, kind, parent), books)
    _check(kind, record, None, parent, books)
    return books.insert(kind, record)


def patch(books: Books, kind: str, record: Record, body: Any) -> Record:
    """The record with some fields changed. Raises PsaError."""
    reader = FieldReader(SCHEMAS[kind], books)
    changed = dict(record)
    for change in read_patch(SCHEMAS[kind], body, lenient=books.settings.lenient_patch):
        changed[change.name] = reader.read(change.name, change.value)
    _finish(reader, changed, kind)
    _check(kind, changed, record, record.get("agreementId"), books)
    return books.replace(kind, changed)


def put(books: Books, kind: str, record: Record, body: Any) -> Record:
    """The record replaced: what is not sent becomes default or null. Raises PsaError."""
    parent = record.get("agreementId")
    fresh = _complete(kind, _read_whole(books, kind, body), _agreement_of(books, kind, parent), books)
    fresh |= {name: record[name] for name in ("id", "isBilled", "sequenceNumber") if name in record}
    _check(kind, fresh, record, parent, books)
    return books.replace(kind, fresh)


def delete(books: Books, kind: str, record: Record) -> None:
    """Raises PsaError when the record must stay."""
    check_deletion(record, books)
    books.delete(kind, record["id"])


def _read_whole(books: Books, kind: str, body: Any) -> Record:
    """Every field of a body. Unknown names and computed fields are ignored."""
    if not isinstance(body, dict):
        raise bad_request("A JSON object is expected.")
    schema = SCHEMAS[kind]
    reader = FieldReader(schema, books)
    record = {
        name: reader.read(name, value)
        for name, value in body.items()
        if name in schema.fields and not schema.fields[name].is_computed
    }
    _finish(reader, record, kind)
    return record


def _finish(reader: FieldReader, record: Record, kind: str) -> None:
    reader.require(record)
    if reader.faults:
        raise invalid(SCHEMAS[kind].resource, *reader.faults)


def _agreement_of(books: Books, kind: str, parent: int | None) -> Record:
    if kind != "additions" or parent is None:
        return {}
    agreement = books.find("agreements", parent)
    if agreement is None:
        raise not_found(f"Agreement {parent}")
    return agreement


def _complete(kind: str, record: Record, agreement: Record, books: Books) -> Record:
    match kind:
        case "additions":
            return complete_addition(record, agreement, books)
        case "agreements":
            return complete_agreement(record, books)
        case _:
            return complete_item(record)


def _check(kind: str, record: Record, before: Record | None, parent: int | None, books: Books) -> None:
    match kind:
        case "additions":
            check_addition(record, before, _agreement_of(books, kind, parent), books)
        case "agreements":
            check_agreement(record)
        case _:
            check_item(record, books)
