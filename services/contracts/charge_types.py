"""The marketplace's charge types as they come over the wire.

Documentation prints `CycleFee`, "Cycle Fee" and "One-Time Fee" for the same things, so spelling is
compared without case, spaces and hyphens. A value nobody knows is None: the line is held, never guessed.
"""

from functools import lru_cache

from services.contracts.vocabulary import ChargeType

_IGNORED = str.maketrans("", "", " -_\u00a0\u2010\u2011\u2013\t")  # the spaces and hyphens that labels are typeset with
_BY_SPELLING = {charge_type.value.casefold(): charge_type for charge_type in ChargeType}


@lru_cache(maxsize=1024)
def parse_charge_type(text: str) -> ChargeType | None:
    """The charge type that an upstream text names, or None."""
    return _BY_SPELLING.get(text.translate(_IGNORED).casefold())
