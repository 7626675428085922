"""Every fact → one entry in the trail, and one row in the system log where the fact has a headline.

The one handler that serves all events: elsewhere a routed event has a file of its own, because its
effect is its own. Here the effect is the same for all, and a new fact must not wait for a new file.
`worker.HANDLERS` registers it for each event routed to audit.
"""

from typing import Any

from services.audit.system_log.service import note
from services.audit.trail.service import append
from services.contracts.envelope import Envelope
from services.kit.base.db import WriteSession


async def record_fact(session: WriteSession, envelope: Envelope[Any]) -> None:
    await append(session, envelope)
    await note(session, envelope)
