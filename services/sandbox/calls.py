"""Counts what was asked of a stand-in, by method and path template, and holds a rate limit."""

import re
from collections import Counter, deque
from typing import Any

from services.sandbox import clock

_ID = re.compile(r"/(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})(?=/|$)")
_PREFIX = re.compile(r"^/v[^/]+/apis/3\.0")
_MINUTE = 60.0


class Calls:
    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._recent: deque[float] = deque()

    def note(self, method: str, path: str, status: int) -> None:
        """Status 0 stands for a connection that dropped without an answer."""
        self._counts[method, template_of(path), status] += 1

    def clear(self) -> None:
        self._counts.clear()
        self._recent.clear()

    def seconds_to_wait(self) -> int:
        """0 when one more call is allowed now, else the seconds for Retry-After."""
        if not self.per_minute:
            return 0
        now = clock.ticks()
        while self._recent and self._recent[0] <= now - _MINUTE:
            self._recent.popleft()
        if len(self._recent) >= self.per_minute:
            return int(self._recent[0] + _MINUTE - now) + 1
        self._recent.append(now)
        return 0

    def as_json(self) -> dict[str, Any]:
        by_call: Counter[tuple[str, str]] = Counter()
        by_status: dict[tuple[str, str], dict[str, int]] = {}
        for (method, path, status), count in self._counts.items():
            by_call[method, path] += count
            by_status.setdefault((method, path), {})[str(status)] = count
        return {
            "total": sum(by_call.values()),
            "writes": sum(count for (method, _), count in by_call.items() if method != "GET"),
            "calls": [
                {"method": method, "path": path, "count": count, "statuses": by_status[method, path]}
                for (method, path), count in sorted(by_call.items())
            ],
        }


def template_of(path: str) -> str:
    """`/v4_6_release/apis/3.0/finance/agreements/11/additions/` → `/finance/agreements/{id}/additions`."""
    return _ID.sub("/{id}", _PREFIX.sub("", path.rstrip("/")))
