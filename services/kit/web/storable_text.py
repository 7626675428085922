r"""Refuses text that PostgreSQL cannot store: NUL characters, and halves of surrogate pairs (`\ud800` alone).

Both are legal in JSON and in a query, and would end as an error of the database or of the answer's encoding,
which is a 500. Here they are 422 before anything is done.
"""

import re
from urllib.parse import unquote_to_bytes

from services.kit.base.errors import FieldProblem, InvalidFields

# Everything that a backslash may begin, except \u0000 and surrogates that are not a pair.
_GOOD_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}"
    rb"|[^u])"
)
_BAD_ESCAPE = re.compile(rb"\\u(?:(?P<nul>0000)|[dD][89a-fA-F])")


def refuse_unstorable_address(path: bytes, query: bytes) -> None:
    """InvalidFields when a raw path or query holds a NUL character or bytes that are not UTF-8."""
    for place, given in (("path", path), ("query", query)):
        if b"%" in given or not given.isascii():
            _refuse_unstorable_bytes(place, unquote_to_bytes(given))


def refuse_unstorable_json(body: bytes) -> None:
    """InvalidFields when a JSON body holds such text, raw or escaped, in a key or a value.

    Only UTF-8 is taken: Python's reader would also take UTF-16, UTF-32 and raw surrogates.
    """
    _refuse_unstorable_bytes("body", body)
    if b"\\u" in body and (bad := _BAD_ESCAPE.search(_GOOD_ESCAPE.sub(b"", body))):
        raise _refusal("body", "a NUL character" if bad["nul"] else "half of a surrogate pair, which is no character")


def _refuse_unstorable_bytes(place: str, given: bytes) -> None:
    if b"\0" in given:
        raise _refusal(place, "a NUL character")
    try:
        given.decode()
    except UnicodeDecodeError as error:
        raise _refusal(place, f"bytes that are not UTF-8, from byte {error.start}") from None


def _refusal(place: str, what: str) -> InvalidFields:
    return InvalidFields([FieldProblem(field=place, message=f"This holds {what}. It cannot be stored.")])
