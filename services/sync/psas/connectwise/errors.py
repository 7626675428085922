"""ConnectWise's refusals as types, told apart by status, then code, then field; never by message.

Two exceptions are documented by clients. A 500 whose text says "timeout" passes, while every other 500 with a
JSON body is a permanent refusal in disguise: of a read or a change, because of a create nobody knows. And an API
version that is not supported shows in the text only.
"""

from typing import Any
from urllib.parse import urlsplit

from services.kit.upstream.http import (
    Answer,
    BadUpstreamAnswer,
    CredentialsRefused,
    FieldError,
    MissingUpstream,
    OutcomeUnknown,
    Refused,
    RightMissing,
    UpstreamError,
    UpstreamFault,
)

GATEWAY_FAULTS = frozenset({502, 503, 504})
FIRST_REFUSAL, BAD_REQUEST, SERVER_ERROR = 400, 400, 500
METHOD_KEPT = frozenset({307, 308})
"""Redirects before anything was done; after the others a create may have been made."""
VERSION_TEXT = "does not support the api version"
DATE_FIELDS = frozenset({"effectiveDate", "cancelledDate"})


class ObjectRefused(Refused):
    """400 InvalidObject: the record as a whole does not please the server."""


class DateRefused(ObjectRefused):
    """The effective date lies before the agreement's billing start, or in a period already invoiced."""


class FieldMissing(ObjectRefused):
    """A required field was not sent."""


class ValueTooLong(ObjectRefused):
    """A text is longer than its column."""


class FormatRefused(ObjectRefused):
    """A value is written in a form the server does not read."""


class ReferenceUnknown(ObjectRefused):
    """The record points at a product, company or status that does not exist."""


class AlreadyThere(ObjectRefused):
    """A matching record exists already."""


class Redirected(Refused):
    """3xx: the API is somewhere else. Never followed, because the credentials would go along."""


class VersionUnsupported(Refused):
    """The server does not speak the version of the API that was asked for; nothing was done."""


class RecordInUse(Refused):
    """409: something else holds the record."""


_BY_ITEM_CODE: dict[str, type[ObjectRefused]] = {
    "MissingRequiredField": FieldMissing,
    "MaxLengthField": ValueTooLong,
    "UnsupportedFormat": FormatRefused,
    "NotFound": ReferenceUnknown,
    "ObjectExists": AlreadyThere,
}
_BY_STATUS: dict[int, type[Refused]] = {
    401: CredentialsRefused,
    403: RightMissing,
    404: MissingUpstream,
    409: RecordInUse,
}


def read_error(answer: Answer, *, method: str) -> UpstreamError:
    """The error that an answer of status 300 or more stands for."""
    if answer.status < FIRST_REFUSAL:
        return _redirect(answer, method)
    code, message, items = _read_body(answer)
    if code == "ConnectWiseApi" and VERSION_TEXT in message.lower():
        return VersionUnsupported(message, status=answer.status, code=code, where=answer.where)
    if answer.status >= SERVER_ERROR and method.upper() == "POST":
        # The server, or the one behind the gateway, may have committed before it gave up.
        return OutcomeUnknown(f"{answer.status} to a create: {message}", where=answer.where)
    if answer.status in GATEWAY_FAULTS or (answer.status >= SERVER_ERROR and _passes(answer, code)):
        return UpstreamFault(message, status=answer.status, code=code, raw=answer.text, where=answer.where)
    kind = _BY_STATUS.get(answer.status) or _kind_of_bad_request(answer.status, code, items)
    return kind(message, status=answer.status, code=code, errors=items, where=answer.where)


def _redirect(answer: Answer, method: str) -> UpstreamError:
    target = urlsplit(answer.headers.get("location", ""))
    message = f"the address answers with a redirect ({answer.status}) to {target.netloc or target.path or 'nowhere'}"
    if method.upper() == "POST" and answer.status not in METHOD_KEPT:
        return OutcomeUnknown(f"a create was answered, but {message}", where=answer.where)
    return Redirected(f"{message}: enter the address of the API's own site", status=answer.status, where=answer.where)


def _passes(answer: Answer, code: str) -> bool:
    return not code or "timeout" in answer.text.lower()


def _kind_of_bad_request(status: int, code: str, items: tuple[FieldError, ...]) -> type[Refused]:
    if status != BAD_REQUEST or code != "InvalidObject":
        return Refused
    kinds = [_BY_ITEM_CODE[item.code] for item in items if item.code in _BY_ITEM_CODE]
    if kinds:
        return kinds[0]
    return DateRefused if any(item.field in DATE_FIELDS for item in items) else ObjectRefused


def _read_body(answer: Answer) -> tuple[str, str, tuple[FieldError, ...]]:
    """Code, message and items; whatever is missing is empty. 429 and some older answers say `error` for `code`."""
    try:
        body: Any = answer.json()
    except BadUpstreamAnswer:
        body = None
    if not isinstance(body, dict):
        return "", f"status {answer.status}", ()
    items = body.get("errors")
    errors = tuple(_read_item(item) for item in items if isinstance(item, dict)) if isinstance(items, list) else ()
    message = _first_text(body.get("message"), *(error.message for error in errors)) or f"status {answer.status}"
    if errors and errors[0].message and errors[0].message not in message:
        message = f"{message}: {errors[0].message}"
    return _first_text(body.get("code"), body.get("error")), message, errors


def _read_item(item: dict[str, Any]) -> FieldError:
    return FieldError(
        code=_first_text(item.get("code")),
        message=_first_text(item.get("message")),
        field=_first_text(item.get("field")),
    )


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")
