"""From a path under `/apis/3.0/` to what it means: a kind of record, its parent, one id or the count."""

import re
from typing import NamedTuple

from services.sandbox.seed.references import KINDS


class Target(NamedTuple):
    kind: str
    parent: int | None
    record_id: int | None
    is_count: bool


def _pattern(path: str) -> re.Pattern[str]:
    stem = re.escape(path).replace(r"\{parent\}", r"(?P<parent>\d+)")
    return re.compile(rf"{stem}(?:/(?P<id>\d+)|/(?P<count>count))?")


_PATTERNS = {kind: _pattern(known.path) for kind, known in KINDS.items()}


def find_target(path: str) -> Target | None:
    """None when nothing is served there. A trailing slash means nothing."""
    for kind, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path.strip("/"))
        if match:
            groups = match.groupdict()
            parent, record_id = groups.get("parent"), groups["id"]
            return Target(
                kind,
                int(parent) if parent else None,
                int(record_id) if record_id else None,
                groups["count"] is not None,
            )
    return None
