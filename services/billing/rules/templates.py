"""The template of a description: plain text, and placeholders that a line fills.

A placeholder without a value takes along what only made sense with it: the brackets around it with their words, and
the part of the text between two separators that has no other value. `{offer} - PO {purchase_order}` becomes the
offer alone where nobody knows a purchase order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Final

from services.contracts.invoicing.amounts import say_quantity


class Placeholder(StrEnum):
    """What a description can say of a line."""

    SUBSCRIPTION = "subscription"
    CHARGE_TYPE = "charge_type"
    OFFER = "offer"
    ORGANIZATION = "organization"
    INVOICE_NUMBER = "invoice_number"
    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    PERIOD = "period"  # first and last day of the charge
    CHARGE_START = "charge_start"
    CHARGE_END = "charge_end"
    CONTRACT = "contract"
    VENDOR = "vendor"
    PURCHASE_ORDER = "purchase_order"


PLACEHOLDERS: Final = tuple(sorted(each.value for each in Placeholder))
_BRACKETS: Final = {"(": ")", "[": "]"}
_SEPARATOR = re.compile(r"(\s*[,;|·•]\s*|\s+[-–—/+]\s+)")
_BARE_SEPARATOR = re.compile(r"\s*[-–—/,;|·•+]+\s*")
_LOOSE = " -–—/,;:|·•+"
_BEFORE_PUNCTUATION = re.compile(r"\s+([,;:.])")


def check_template(template: str) -> None:
    """Accept a template of plain text and known placeholders.

    Raises:
        ValueError: braces do not match, or a placeholder is unknown or carries a format.
    """
    for _, name, spec, conversion in Formatter().parse(template):
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            message = f"unknown placeholder {{{name}}}; use one of {', '.join(PLACEHOLDERS)}"
            raise ValueError(message)


@lru_cache(maxsize=256)
def placeholders_of(template: str) -> frozenset[str]:
    """Which placeholders a template uses, so that the others need not be computed."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def describe(template: str, values: Mapping[str, str], longest: int, true_quantity: Decimal | None = None) -> str:
    """Fill the template, cut to `longest` characters; a quantity that cannot be sent as such stands at the end."""
    if all(values[name] for name in placeholders_of(template)):
        text = " ".join(template.format_map(values).split())
    else:
        text = " ".join(_parse(template).fill(values).text.split())
    return text[:longest] if true_quantity is None else say_quantity(text, true_quantity, longest).lstrip()


@dataclass(frozen=True, slots=True)
class _Filled:
    """A text, whether it asks for the value of a placeholder, and whether any is there."""

    text: str
    asks: bool = False
    answers: bool = False

    @property
    def lacks(self) -> bool:
        return self.asks and not self.answers


@dataclass(frozen=True, slots=True)
class _Name:
    """A placeholder in a template."""

    name: str

    def fill(self, values: Mapping[str, str]) -> _Filled:
        value = values[self.name]
        return _Filled(value, asks=True, answers=bool(value))


@dataclass(frozen=True, slots=True)
class _Words:
    """Plain text."""

    words: str

    def fill(self, _values: Mapping[str, str]) -> _Filled:
        return _Filled(self.words)


@dataclass(slots=True)
class _Text:
    """Parts with a separator before each, the first without; within brackets where `opened_by` says which."""

    opened_by: str = ""
    parts: list[tuple[str, "list[_Name | _Words | _Text]"]] = field(default_factory=lambda: [("", [])])

    def fill(self, values: Mapping[str, str]) -> _Filled:
        filled = [(separator, _fill_part(part, values)) for separator, part in self.parts]
        said = ""
        for separator, each in filled:
            if each.text and not each.lacks:
                said = f"{said}{separator}{each.text}" if said else each.text
        asks, answers = any(each.asks for _, each in filled), any(each.answers for _, each in filled)
        if self.opened_by:
            said = "" if asks and not answers else f"{self.opened_by}{said}{_BRACKETS[self.opened_by]}"
        return _Filled(said, asks, answers)


def _fill_part(part: "Iterable[_Name | _Words | _Text]", values: Mapping[str, str]) -> _Filled:
    filled = [each.fill(values) for each in part]
    said = "".join(each.text for each in filled)
    if any(each.lacks for each in filled):
        said = _BEFORE_PUNCTUATION.sub(r"\1", said).strip(_LOOSE)
    return _Filled(said, any(each.asks for each in filled), any(each.answers for each in filled))


@lru_cache(maxsize=256)
def _parse(template: str) -> _Text:
    """The template in parts. A bracket that nothing closes is plain text."""
    pieces = list(_cut(template))
    return _read_text(pieces, 0, "")[0]


def _cut(template: str) -> Iterator[str | _Name]:
    """Placeholders, brackets and the text between them, in order."""
    for words, name, _, _ in Formatter().parse(template):
        yield from (each for each in re.split(r"([()\[\]])", words) if each)
        if name:
            yield _Name(name)


def _read_text(pieces: Sequence[str | _Name], place: int, opened_by: str) -> tuple[_Text, int]:
    """The text from a place on, up to the bracket that closes it, and the place after that."""
    text = _Text(opened_by)
    while place < len(pieces):
        piece = pieces[place]
        place += 1
        if isinstance(piece, _Name):
            text.parts[-1][1].append(piece)
        elif opened_by and piece == _BRACKETS[opened_by]:
            return text, place
        elif piece in _BRACKETS and _BRACKETS[piece] in pieces[place:]:
            inner, place = _read_text(pieces, place, piece)
            text.parts[-1][1].append(inner)
        else:
            _add_words(text, piece)
    return text, place


def _add_words(text: _Text, words: str) -> None:
    """Words, cut at the separators in them."""
    if _BARE_SEPARATOR.fullmatch(words):
        text.parts.append((words, []))
        return
    for each in _SEPARATOR.split(words):
        if _SEPARATOR.fullmatch(each):
            text.parts.append((each, []))
        elif each:
            text.parts[-1][1].append(_Words(each))
