"""A record of an upstream that cannot be read fails alone, and is kept as it came."""

from dataclasses import dataclass


class WrongShape(ValueError):
    """A field of an upstream record is not what its description says."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read: why, its text as it came, and what of its identity was readable."""

    reason: str
    raw: str
    invoice_id: str = ""
    invoice_number: str = ""
