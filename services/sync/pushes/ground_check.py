"""Whether ConnectWise still is as a plan found it: every agreement is read again before the first write."""

from collections.abc import Sequence

from services.sync.plans.abreast import AdditionReader, read_additions
from services.sync.plans.ground import describe_moves, fingerprint, shorten
from services.sync.plans.models import GroundRow


async def find_moves(client: AdditionReader, ground: Sequence[GroundRow]) -> list[str]:
    """What is different, in sentences; empty when nothing a plan looks at has changed."""
    now = await read_additions(client, (row.agreement_id for row in ground))
    moved: list[str] = []
    for row in sorted(ground, key=lambda each: each.agreement):
        if fingerprint(now[row.agreement_id]) != row.fingerprint:
            moved += describe_moves(row.agreement, row.additions, now[row.agreement_id])
    return shorten(moved)
