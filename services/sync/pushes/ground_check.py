"""Whether the PSA still is as a plan found it.

Every agreement is read again before the first write. What people changed meanwhile refuses the whole plan. What
another run of ours wrote does not: on those agreements each operation is checked for itself when its turn comes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.sync.additions.reading import Known, read_agreements
from services.sync.additions.state import AgreementState
from services.sync.plans.ground import describe_moves, fingerprint, shorten
from services.sync.plans.models import GroundRow
from services.sync.psas.port import Psa
from services.sync.pushes.write import Write


@dataclass(frozen=True, slots=True)
class GroundCheck:
    """What was found: sentences about what people moved, and agreements that cannot be read, with the reason."""

    moved: list[str]
    troubled: Mapping[str, str]


async def compare_ground(psa: Psa, ground: Sequence[GroundRow], known: Known, shared: Collection[str]) -> GroundCheck:
    """Compare every agreement with what the plan found.

    Args:
        known: what we wrote, to be read by id where a list lacks it.
        shared: agreements on which another run of ours has written since the plan was computed.
    """
    now = await read_agreements(psa, (row.agreement_id for row in ground), known)
    moved: list[str] = []
    for row in sorted(ground, key=lambda each: each.agreement):
        state = now[row.agreement_id]
        if state.trouble or row.agreement_id in shared:
            continue
        if fingerprint(state.additions) != row.fingerprint:
            moved += describe_moves(row.agreement, row.additions, state.additions)
    troubled = {agreement_id: state.trouble for agreement_id, state in now.items() if state.trouble}
    return GroundCheck(shorten(moved), troubled)


def explain_staleness(write: Write, state: AgreementState, unresolved: Collection[str]) -> str:
    """Why one operation can no longer be written as planned; empty when it still can.

    Args:
        unresolved: markers of creates of other runs whose outcome is not known.
    """
    if state.trouble:
        return state.trouble
    change = _see_create(write, state, unresolved) if write.is_create else _see_change(write, state)
    return f"Another push wrote to this agreement after the plan was computed, and {change}." if change else ""


def _see_create(write: Write, state: AgreementState, unresolved: Collection[str]) -> str:
    if state.carriers_of(write.row.marker):
        return "this addition exists now: make a new plan"
    return "may have made this addition: make a new plan in a few minutes" if write.row.marker in unresolved else ""


def _see_change(write: Write, state: AgreementState) -> str:
    found = state.find(write.row.addition_id or "")
    if found is None:
        return f"addition {write.row.addition_id} is gone: make a new plan"
    stands = found.values in (write.before, write.after)
    return "" if stands else f"addition {found.id} is not as the plan found it: make a new plan"
