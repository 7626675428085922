"""What makes two charges the same addition: the marker, and which row drives a persistent addition.

A marker is found again in the PSA by equality, so it must never change its spelling. It is a
hash: stable, short, and nobody makes two alike by accident. Every part is length-prefixed, so that
no two different identities spell the same text.
"""

from base64 import b32encode
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID, uuid5

PREFIX = "TO-"
_DIGEST_BYTES = 20  # 160 bits are exactly 32 base32 characters; 35 with the prefix, and 50 are allowed

KeyT = TypeVar("KeyT")


def recurring_marker(partner_id: UUID, agreement_id: str, subscription_id: str, segment: int = 1) -> str:
    """Identity of a segment of the persistent addition of a subscription on an agreement."""
    number = () if segment == 1 else (str(segment),)  # the first is spelled as before there were others
    return _marker("recurring", str(partner_id), agreement_id, subscription_id, *number)


def one_time_marker(partner_id: UUID, agreement_id: str, invoice_id: str, row_id: str) -> str:
    """Identity of the addition of one invoice row. A row is a row of its invoice: row ids alone may repeat."""
    return _marker("one-time", str(partner_id), agreement_id, invoice_id, row_id)


class GatheredKind(StrEnum):
    """What an addition gathers."""

    USAGE = "usage"
    ROUNDING = "rounding"


def gathered_marker(kind: GatheredKind, partner_id: UUID, agreement_id: str, *parts: str) -> str:
    """Identity of an addition that carries parts of several lines.

    Args:
        parts: what its lines have in common.
    """
    return _marker(kind.value, str(partner_id), agreement_id, *parts)


def gathered_id(kind: GatheredKind, partner_id: UUID, marker: str) -> UUID:
    """What stands in the place of a line's id: always the same for a marker."""
    return uuid5(partner_id, f"{kind.value}/{marker}")


def true_up_marker(
    partner_id: UUID, agreement_id: str, corrected: str, invoice_id: str, row_id: str, number: int
) -> str:
    """Identity of a correction of what was invoiced for a row. Months of one subscription share a corrected marker."""
    return _marker("true-up", str(partner_id), agreement_id, corrected, invoice_id, row_id, str(number))


def _marker(*parts: str) -> str:
    spelled = "".join(f"{len(part)}:{part}" for part in parts)
    digest = blake2b(spelled.encode(), digest_size=_DIGEST_BYTES).digest()
    return PREFIX + b32encode(digest).decode()


class Candidate(NamedTuple, Generic[KeyT]):
    """A row that could drive a persistent addition; compared field by field, whatever its key."""

    key: KeyT
    whole_months: int
    """Of its charge period, and the days beyond them: February is as long as March."""
    days: int
    amount: Decimal
    start: date
    invoice_id: str
    row_id: str


def choose_driver(candidates: Iterable[Candidate[KeyT]]) -> KeyT:
    """The row that drives a persistent addition: the longest charge period, then the larger amount, the later start.

    What is left of a month, or a credit, must not become the price of the months to come. Invoice and row id decide
    between equals, so that the answer does not depend on the order in which rows arrive.
    """
    return max(candidates, key=itemgetter(*range(1, len(Candidate._fields)))).key
