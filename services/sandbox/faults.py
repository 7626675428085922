"""Faults to order: what should go wrong, on which calls, how often.

Orders survive a restart, because the tests that kill a stand-in are the ones that order faults.
"""

import re
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.sandbox.store import Store


class FaultKind(StrEnum):
    LOST_ANSWER_AFTER_COMMIT = "lost_answer_after_commit"  # done, then the connection drops without an answer
    TOO_MANY_REQUESTS = "too_many_requests"  # 429 with Retry-After
    ERROR_AFTER_COMMIT = "error_after_commit"  # done, then a 500 whose JSON says nothing of a timeout
    SERVER_TIMEOUT = "server_timeout"  # 500 in the upstream's words
    HTML_502 = "html_502"  # a gateway's page instead of JSON
    UNAUTHORIZED = "unauthorized"  # 401
    FORBIDDEN = "forbidden"  # 403: a right is missing
    DELAY = "delay"  # answered, but late
    STALL = "stall"  # held open, before or after the work is done, then answered
    CUT_JSON = "cut_json"  # half of the body, with status 200
    NULLS = "nulls"  # the first record comes without its values
    INDEX_LAG = "index_lag"  # standing: filtered reads do not see young writes
    BREAK_CHECKSUM = "break_checksum"  # standing: one invoice's total does not match its rows


STANDING = frozenset({FaultKind.INDEX_LAG, FaultKind.BREAK_CHECKSUM})
"""They change what is served for as long as they stand, and are not used up by calls."""


class FaultOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    """A glob over the whole path (`*` crosses slashes), or a regular expression when it starts with `^`."""
    count: Annotated[int, Field(ge=1)] | None = None
    """How many matching calls it strikes; 1 unless `every` is given."""
    every: Annotated[int, Field(ge=1)] | None = None
    """Strike every n-th matching call, for ever unless `count` is given too."""
    skip: Annotated[int, Field(ge=0)] = 0
    """Let so many matching calls pass first."""
    retry_after: Annotated[int, Field(ge=0)] = 1
    seconds: Annotated[float, Field(ge=0, le=3600)] = 1.0
    """Of a delay, a stall, or the index lag."""
    after_commit: bool = False
    """server_timeout, html_502, too_many_requests, stall: do the work first, then answer with the fault."""
    code: str = ""
    """error_after_commit: the `code` of the error; the upstream's usual one when empty."""
    message: str = "An error has occurred."
    """error_after_commit: what the error says."""
    fields: list[str] = []
    """nulls: which fields; all but ids when empty."""
    invoice: str | None = None
    """break_checksum: id or number of the invoice."""

    @model_validator(mode="after")
    def _complete(self) -> "FaultOrder":
        if self.kind is FaultKind.BREAK_CHECKSUM and not self.invoice:
            raise ValueError("break_checksum needs `invoice`")
        if self.count is None and self.every is None and self.kind not in STANDING:
            self.count = 1
        return self

    def matches(self, method: str, path: str) -> bool:
        if self.method not in ("*", method):
            return False
        return bool(re.search(self.path, path)) if self.path.startswith("^") else fnmatchcase(path, self.path)


class PlacedFault(BaseModel):
    id: int
    order: FaultOrder
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count one matching call and say whether it is struck."""
        self.seen += 1
        turn = self.seen - self.order.skip
        if turn < 1 or turn % (self.order.every or 1) or self.is_spent:
            return False
        self.struck += 1
        return True

    @property
    def is_spent(self) -> bool:
        return self.order.count is not None and self.struck >= self.order.count


class FaultBook:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._placed = [PlacedFault.model_validate(known) for known in store.fact("faults") or []]

    def place(self, order: FaultOrder) -> PlacedFault:
        placed = PlacedFault(id=max((p.id for p in self._placed), default=0) + 1, order=order)
        self._placed.append(placed)
        self._save()
        return placed

    def clear(self, fault_id: int | None = None) -> None:
        """Take back one order, or all."""
        self._placed = [p for p in self._placed if fault_id is not None and p.id != fault_id]
        self._save()

    def take(self, method: str, path: str) -> FaultOrder | None:
        """The fault that strikes this call, if any; the first order wins."""
        matching = [p for p in self._placed if p.order.kind not in STANDING and p.order.matches(method, path)]
        struck = next((p for p in matching if not p.is_spent and p.strikes()), None)
        if matching:
            self._save()
        return struck.order if struck else None

    @property
    def index_lag(self) -> float:
        """Seconds for which filtered reads do not see a write."""
        return max((p.order.seconds for p in self._placed if p.order.kind is FaultKind.INDEX_LAG), default=0.0)

    @property
    def broken_invoices(self) -> set[str]:
        return {p.order.invoice for p in self._placed if p.order.invoice}

    def as_json(self) -> list[dict[str, Any]]:
        return [p.model_dump(mode="json") for p in self._placed]

    def _save(self) -> None:
        self._store.set_fact("faults", self.as_json())
