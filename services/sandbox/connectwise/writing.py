"""POST, PATCH, PUT and DELETE: read the fields, hold the rules, keep the record."""

from typing import Any

from services.sandbox.connectwise.additions import check_addition, complete_addition, values_of_new_product
from services.sandbox.connectwise.agreements import check_agreement, complete_agreement
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.catalog_items import check_item, complete_item
from services.sandbox.connectwise.deletion import check_deletion, remove
from services.sandbox.connectwise.errors import bad_request, invalid, not_found, unknown_member
from services.sandbox.connectwise.invoices import refuse_invoice
from services.sandbox.connectwise.patching import read_patch
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.connectwise.values import FieldReader
from services.sandbox.seed.references import Record

WRITABLE: dict[str, frozenset[str]] = {
    "agreements": frozenset({"POST", "PATCH", "DELETE"}),
    "additions": frozenset({"POST", "PATCH", "PUT", "DELETE"}),
    "catalog": frozenset({"POST", "PATCH"}),
    "invoices": frozenset({"POST", "DELETE"}),
}
"""Verbs beside GET."""


def create(books: Books, kind: str, parent: int | None, body: Any) -> Record:
    """A new record. Raises PsaError."""
    if kind == "invoices":
        raise refuse_invoice(body)
    record = _complete(kind, _read_whole(books, kind, body), _agreement_of(books, kind, parent), books)
    _check(kind, record, None, parent, books)
    return books.insert(kind, record)


def patch(books: Books, kind: str, record: Record, body: Any) -> Record:
    """The record with some fields changed. Raises PsaError."""
    reader = FieldReader(SCHEMAS[kind], books, books.behaviour)
    changes = read_patch(SCHEMAS[kind], body, lenient=books.behaviour.lenient_patch)
    values = {change.name: reader.read(change.name, change.value) for change in changes}
    changed = record | values
    _finish(reader, changed, kind)
    if kind == "additions" and books.behaviour.reprice_on_product_change:
        changed |= values_of_new_product(record, changed, values, books)
    before = None if books.behaviour.patch_validates_record else record
    _check(kind, changed, before, record.get("agreementId"), books)
    return books.replace(kind, changed)


def put(books: Books, kind: str, record: Record, body: Any) -> Record:
    """The record replaced: what is not sent becomes default or null. Raises PsaError."""
    parent = record.get("agreementId")
    fresh = _complete(kind, _read_whole(books, kind, body), _agreement_of(books, kind, parent), books)
    fresh |= {name: record[name] for name in ("id", "billedThrough", "sequenceNumber") if name in record}
    _check(kind, fresh, record, parent, books)
    return books.replace(kind, fresh)


def delete(books: Books, kind: str, record: Record) -> None:
    """Raises PsaError when the record must stay."""
    if kind != "invoices":  # whoever may delete an invoice reopens its period
        check_deletion(kind, record, books)
    with books.together():
        remove(books, kind, record)


def _read_whole(books: Books, kind: str, body: Any) -> Record:
    """Every field of a body. Computed fields are ignored, and unknown names too unless they are to be refused."""
    if not isinstance(body, dict):
        raise bad_request("A JSON object is expected.")
    schema = SCHEMAS[kind]
    reader = FieldReader(schema, books, books.behaviour)
    unknown = next((name for name in body if name not in schema.fields), None)
    if unknown is not None and books.behaviour.unknown_members == "refuse":
        raise unknown_member(unknown, f"{schema.resource[0].upper()}{schema.resource[1:]}")
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
