"""What records were before they were written, so that lists can lag behind."""

from collections import deque
from typing import NamedTuple

from services.sandbox import clock
from services.sandbox.seed.references import Record

_REMEMBERED = 100_000
"""Writes. Records are replaced, never changed in place, so that remembering one costs a reference."""


class _Write(NamedTuple):
    at: float
    kind: str
    key: int
    before: Record | None


class WriteMemory:
    def __init__(self) -> None:
        self._writes: deque[_Write] = deque(maxlen=_REMEMBERED)

    def remember(self, kind: str, key: int, before: Record | None) -> None:
        """`before` is None for a record that did not exist."""
        self._writes.append(_Write(clock.ticks(), kind, key, before))

    def states_before(self, kind: str, seconds: float) -> dict[int, Record | None]:
        """The records of `kind` written within the last `seconds`, each as it was when they began."""
        states: dict[int, Record | None] = {}
        cutoff = clock.ticks() - seconds
        for write in reversed(self._writes):
            if write.at <= cutoff:
                break
            if write.kind == kind:
                states[write.key] = write.before
        return states
