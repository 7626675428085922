"""What may be deleted, and what goes with it."""

from typing import Any

from starlette.requests import Request

from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.errors import PsaError
from services.sandbox.connectwise.invoiced import is_invoiced
from services.sandbox.connectwise.next_invoice import reopen
from services.sandbox.control import OrderFault, OrderRefused
from services.sandbox.seed.references import Record

DELETABLE = ("agreements", "additions", "invoices", "catalog", "companies")
"""Kinds that an order may delete, as somebody with every right would in ConnectWise's own screens."""
_PARTS = {"agreements": ("additions", "invoices"), "invoices": ("products",)}


def check_deletion(kind: str, record: Record, books: Books) -> None:
    """By API. Raises PsaError (the status is a switch)."""
    status, rule = books.behaviour.delete_conflict, books.behaviour.delete
    if rule == "refused":
        raise PsaError(status, "Conflict", "This record cannot be deleted.", [])
    if rule == "when_never_invoiced" and _was_invoiced(kind, record, books):
        noun = "agreement" if kind == "agreements" else "addition"
        raise PsaError(status, "Conflict", f"This {noun} has been invoiced and cannot be deleted.", [])


def remove(books: Books, kind: str, record: Record) -> None:
    """Delete the record and its parts. Without its invoice a period is open again."""
    for part in _PARTS.get(kind, ()):
        for each in books.all(part, record["id"]):
            _remove_alone(books, part, each)
    books.delete(kind, record["id"])
    if kind == "invoices" and record.get("period"):
        _reopen(books, record)


def delete_by_order(books: Books, request: Request) -> dict[str, Any]:
    """`POST /_sandbox/{kind}/{id}/delete`: no rule is asked."""
    kind, key = request.path_params["kind"], request.path_params["record_id"]
    if kind not in DELETABLE:
        raise OrderRefused(OrderFault("", f"only these can be deleted: {', '.join(DELETABLE)}"))
    record = books.find(kind, key)
    if record is None:
        raise OrderRefused(OrderFault("id", f"there is no record {key} among the {kind}"))
    with books.together():
        remove(books, kind, record)
    return {"deleted": key}


def _remove_alone(books: Books, kind: str, record: Record) -> None:
    for part in _PARTS.get(kind, ()):
        for each in books.all(part, record["id"]):
            books.delete(part, each["id"])
    books.delete(kind, record["id"])


def _was_invoiced(kind: str, record: Record, books: Books) -> bool:
    if kind == "agreements":
        invoices = books.all("invoices", record["id"])
        return bool(invoices) or any(is_invoiced(books, each) for each in books.all("additions", record["id"]))
    return is_invoiced(books, record)


def _reopen(books: Books, invoice: Record) -> None:
    """The next invoice date goes back to the period of the invoice, if that is earlier."""
    agreement = books.find("agreements", invoice["agreement"]["id"])
    if agreement is not None:
        reopen(books, agreement, invoice)
