"""Every event → one entry in the trail, and one row in the system log where the event has a headline.

The one handler that serves all events: elsewhere a routed event has a file of its own, because its
effect is its own. Here the effect is the same for all, and a new event must not wait for a new file.
"""

from services.audit.system_log.service import note
from services.audit.trail.service import append
from services.kit.base.db import WriteSession
from services.kit.ledger.records import EventRecord


async def record_event(session: WriteSession, event: EventRecord) -> None:
    await append(session, event)
    await note(session, event)
