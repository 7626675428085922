"""ConnectWise's PATCH dialect: an array of `{op, path, value}` with bare field names. It is not RFC 6902."""

from typing import Any, NamedTuple

from services.sandbox.connectwise.errors import bad_request, refused
from services.sandbox.connectwise.schema import Schema

_OPS = ("add", "replace", "remove")


class Change(NamedTuple):
    name: str
    value: Any


def read_patch(schema: Schema, body: Any, *, lenient: bool) -> list[Change]:
    """The changes of a PATCH body. Raises PsaError 400.

    A path into a reference (`company/identifier`) answers 200 and does nothing; so do computed fields. What a
    leading slash or an upper-case `op` does is unknown: refused, unless the setting is lenient.
    """
    if not isinstance(body, list):
        raise bad_request("Invalid patch document: expected array format.")
    changes = [_read_operation(operation, lenient=lenient) for operation in body]
    effective = []
    for change in changes:
        first, _, rest = change.name.partition("/")
        if first not in schema.fields:
            raise refused(schema.resource, change.name, f"The field {change.name} does not exist.")
        if not rest and not schema.fields[first].is_computed:
            effective.append(change)
    return effective


def _read_operation(operation: Any, *, lenient: bool) -> Change:
    if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
        raise bad_request("Invalid patch operation: op and path are required.")
    op, path = str(operation.get("op")), operation["path"]
    if lenient:
        op, path = op.lower(), path.removeprefix("/")
    if op not in _OPS:
        raise bad_request(f"Invalid patch operation: '{op}' is not one of add, replace, remove.")
    if path.startswith("/") or not path:
        raise bad_request(f"Invalid patch path: '{path}'.")
    return Change(path, None if op == "remove" else operation.get("value"))
