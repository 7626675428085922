"""Looking for creates whose answer was lost, before anybody sends them again.

The marker is looked for in all additions of the agreement, unfiltered, more than once: ConnectWise was
seen to show new records only after a while. One reading per agreement serves all that were lost on it.
"""

from collections.abc import Iterable
from uuid import UUID

from services.kit.upstream.retry import Sleep
from services.sync.plans.abreast import AdditionReader, read_additions
from services.sync.pushes.writes import Write

WAITS = (0.0, 2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds before each look. Together they outlast a request that the server is still busy with (60 s)."""


async def find_lost(
    client: AdditionReader, lost: Iterable[Write], sleep: Sleep, waits: tuple[float, ...] = WAITS
) -> dict[UUID, str]:
    """Operation → addition id, for those that did arrive. All others are not there after the last look."""
    missing = {(write.row.agreement_id, write.row.marker): write.row.id for write in lost}
    found: dict[UUID, str] = {}
    for wait in waits:
        if not missing:
            break
        if wait:
            await sleep(wait)
        held = await read_additions(client, {agreement_id for agreement_id, _ in missing})
        for agreement_id, additions in held.items():
            for addition in additions:
                operation_id = missing.pop((agreement_id, addition.serial_number.strip()), None)
                if operation_id is not None:
                    found[operation_id] = addition.id
    return found
