"""JSON that keeps every decimal: a Decimal leaves as a JSON number with exactly its digits, and comes back as one.

orjson would read and write numbers through binary doubles, which turns 0.1 + 0.2 into a wrong cent.
"""

import json
from decimal import Decimal
from typing import Any

import orjson


def _as_number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def dumps(value: object) -> bytes:
    """Compact JSON."""
    return orjson.dumps(value, default=_as_number)


def dumps_pretty(value: object) -> bytes:
    """Indented JSON with CRLF line ends, as ConnectWise writes its errors."""
    return orjson.dumps(value, default=_as_number, option=orjson.OPT_INDENT_2).replace(b"\n", b"\r\n")


def loads(text: bytes | str) -> Any:
    """The value of a JSON text; numbers with a fraction or an exponent become Decimal. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
