"""The grammar of `conditions`: text to tree. What the fields mean is `filters.py`'s business.

    expr := or;  or := and {OR and};  and := prim {AND prim};  prim := "(" expr ")" | test
    test := path op value;  op := = != < <= > >= [NOT] contains | [NOT] like | [NOT] in

Keywords in any case. AND binding tighter than OR is an assumption.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from services.sandbox.connectwise.errors import PsaError, wrong_condition

Value = str | Decimal | bool | datetime | None

_ADVICE = (
    "Strings must be surrounded by quotes, datetimes by square brackets; numbers are digits only, booleans are True "
    "or False, and null stands alone."
)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<moment>\[[^\]]*\])
    | (?P<number>-?\d+(?:\.\d+)?(?![\w/]))
    | (?P<path>[A-Za-z_]\w*(?:/\w+)*)
    | (?P<op><=|>=|!=|=|<|>)
    | (?P<sign>[(),])
    )""",
    re.VERBOSE,
)
_AMERICAN = re.compile(r"^(\d\d)/(\d\d)/(\d{4})")
_WORD_OPS = ("contains", "like", "in")


class Comparison(NamedTuple):
    path: str
    op: str
    """One of = != < <= > >= contains like in."""
    value: Value | list[Value]
    is_negated: bool = False


class Both(NamedTuple):
    parts: list["Tree"]


class Either(NamedTuple):
    parts: list["Tree"]


Tree = Comparison | Both | Either


def unreadable(what: str) -> PsaError:
    """The condition cannot be read; the advice names the forms that can."""
    return wrong_condition(f"{what} {_ADVICE}")


class _Token(NamedTuple):
    kind: str
    text: str


def parse(text: str) -> Tree:
    """The tree of a condition. Raises PsaError 400."""
    reader = _Reader(_tokens(text))
    tree = reader.expression()
    if reader.peek() is not None:
        raise unreadable(f"Unexpected {reader.describe()} in the condition.")
    return tree


def _tokens(text: str) -> list[_Token]:
    tokens, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise unreadable(f"Cannot read the condition at position {place + 1}.")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._place = tokens, 0

    def peek(self) -> _Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def describe(self) -> str:
        token = self.peek()
        return "end" if token is None else f"'{token.text}'"

    def take(self, kind: str, *words: str) -> _Token | None:
        """The next token if it is of this kind (and one of these words), consumed."""
        token = self.peek()
        if token is None or token.kind != kind or (words and token.text.lower() not in words):
            return None
        self._place += 1
        return token

    def expression(self) -> Tree:
        parts = [self._conjunction()]
        while self.take("path", "or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Either(parts)

    def _conjunction(self) -> Tree:
        parts = [self._primary()]
        while self.take("path", "and"):
            parts.append(self._primary())
        return parts[0] if len(parts) == 1 else Both(parts)

    def _primary(self) -> Tree:
        if self.take("sign", "("):
            tree = self.expression()
            self._need("sign", ")")
            return tree
        path = self._need("path")
        return self._comparison(path.text)

    def _comparison(self, path: str) -> Comparison:
        sign = self.take("op")
        if sign:
            return Comparison(path, sign.text, self._value())
        is_negated = self.take("path", "not") is not None
        op = self._need("path", *_WORD_OPS).text.lower()
        return Comparison(path, op, self._list() if op == "in" else self._value(), is_negated)

    def _list(self) -> list[Value]:
        self._need("sign", "(")
        values = [self._value()]
        while self.take("sign", ","):
            values.append(self._value())
        self._need("sign", ")")
        return values

    def _value(self) -> Value:
        token = self.peek()
        if token is not None:
            self._place += 1
            match token.kind, token.text.lower():
                case "text", _:
                    return re.sub(r"\\(.)", r"\1", token.text[1:-1])
                case "number", _:
                    return Decimal(token.text)
                case "moment", _:
                    return read_moment(token.text[1:-1])
                case "path", "true" | "false" as word:
                    return word == "true"
                case "path", "null":
                    return None
            self._place -= 1
        raise unreadable(f"Expected a value instead of {self.describe()}.")

    def _need(self, kind: str, *words: str) -> _Token:
        token = self.take(kind, *words)
        if token is None:
            wanted = " or ".join(words) or {"path": "a field name"}.get(kind, kind)
            raise unreadable(f"Expected {wanted} instead of {self.describe()}.")
        return token


def read_moment(text: str) -> datetime:
    """`2026-03-31` or `03/31/2026`, with or without time, fraction and zone; no zone means UTC."""
    text = _AMERICAN.sub(r"\3-\1-\2", text.strip())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise unreadable(f"'{text}' is not a datetime.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
