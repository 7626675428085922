"""How entries are chained: SHA-256 over the hash before and the entry's content serialized in one fixed way.

The serialization is JSON with sorted keys, no spaces, UTF-8, so anybody can recompute an exported trail with
a few lines of any language. The first entry of a partner follows 32 zero bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Content:
    """What the hash of an entry covers, next to the hash before it."""

    partner_id: UUID
    position: int
    event_id: UUID
    type: str
    source: str
    subject: str
    occurred_at: datetime
    correlation_id: str
    causation_id: UUID | None
    actor_id: str
    actor_name: str
    data: Mapping[str, Any]


def link(previous: bytes, content: Content) -> bytes:
    """The hash of an entry that follows one whose hash is `previous`."""
    covered = {
        "actor": {"id": content.actor_id, "name": content.actor_name},
        "causation_id": str(content.causation_id) if content.causation_id else None,
        "correlation_id": content.correlation_id,
        "data": content.data,
        "event_id": str(content.event_id),
        "occurred_at": content.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "partner_id": str(content.partner_id),
        "position": content.position,
        "source": content.source,
        "subject": content.subject,
        "type": content.type,
    }
    serialized = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + serialized.encode()).digest()
