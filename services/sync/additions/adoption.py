"""Additions made by hand before go-live: which of them stand for a charge that we would create."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from services.contracts.shapes import DesiredAddition
from services.sync.psas.addition import Addition

Likeness = tuple[str, Decimal, Decimal]
"""Product, quantity, unit price."""


def pair_hand_made(fresh: Sequence[DesiredAddition], actual: Iterable[Addition]) -> dict[str, Addition]:
    """Marker → the hand-made addition it adopts: only where one of each is alike, so that nothing is guessed.

    One-time charges adopt nothing: an open addition made by hand bills every period.
    """
    wanted: dict[Likeness, list[DesiredAddition]] = defaultdict(list)
    for desired in fresh:
        if desired.is_recurring:
            wanted[desired.product_id, desired.quantity, desired.unit_price].append(desired)
    candidates: dict[Likeness, list[Addition]] = defaultdict(list)
    for addition in actual:
        if is_hand_made(addition):
            values = addition.values
            candidates[values.product_id, values.quantity, values.unit_price].append(addition)
    return {
        claims[0].marker: candidates[likeness][0]
        for likeness, claims in wanted.items()
        if len(claims) == 1 and len(candidates.get(likeness, ())) == 1
    }


def is_hand_made(addition: Addition) -> bool:
    """Open and without any serial number. One with a foreign serial number belongs to somebody else."""
    return addition.values.is_open and not addition.marker
