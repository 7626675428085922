"""Looking for creates whose answer was lost, before anybody sends them again.

The marker is looked for in all additions of the agreement, unfiltered, more than once: a PSA was seen to show
new records only after minutes. One reading per agreement serves all that were lost on it.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from services.kit.upstream.retry import Sleep
from services.sync.additions.reading import read_agreements
from services.sync.psas.port import Psa
from services.sync.pushes.write import Write

WAITS = (0.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds before each look. Together they outlast a request that the server is still busy with (60 s)."""
LAST_WAIT = 60.0


def plan_looks(waits: tuple[float, ...], list_lag: timedelta) -> tuple[float, ...]:
    """The waits, and as many more as it takes until lists show every write of before the first look."""
    looks = list(waits)
    while sum(looks) < list_lag.total_seconds():
        looks.append(min(LAST_WAIT, list_lag.total_seconds() - sum(looks)))
    return tuple(looks)


async def find_lost(psa: Psa, lost: Iterable[Write], sleep: Sleep, waits: tuple[float, ...]) -> dict[UUID, str]:
    """Operation → addition id, for those that did arrive. All others are not there after the last look."""
    missing = {(write.row.agreement_id, write.row.marker): write.row.id for write in lost}
    found: dict[UUID, str] = {}
    for wait in waits:
        if not missing:
            break
        if wait:
            await sleep(wait)
        states = await read_agreements(psa, {agreement_id for agreement_id, _ in missing}, {})
        for (agreement_id, marker), operation_id in list(missing.items()):
            if carriers := states[agreement_id].carriers_of(marker):
                found[operation_id] = carriers[0].id
                del missing[agreement_id, marker]
    return found
