"""Reading back: every addition a push touched is compared with what it should hold, field by field."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.kit.upstream.http import MissingUpstream
from services.sync.additions.values import find_changes, name_field, values_held
from services.sync.plans.abreast import do_abreast, read_additions
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.models import Addition
from services.sync.pushes.writes import AdditionWriter, Holding, Outcome

NEVER_CONFIRMED = (
    "ConnectWise never confirmed this addition, and it is not on the agreement. Make a new plan to try again."
)


@dataclass(slots=True)
class Proof:
    """What was found of each operation: its outcome, and what ConnectWise holds where that is right."""

    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    holdings: dict[UUID, Holding] = field(default_factory=dict)
    differing: list[Holding] = field(default_factory=list)
    """Written, and not held as written."""


async def read_back(client: AdditionWriter, rows: Sequence[OperationRow]) -> Proof:
    """Read every agreement once more and judge each operation by what is there, not by what was answered."""
    held = await read_additions(client, (row.agreement_id for row in rows))
    await _look_up_missing(client, rows, held)
    proof = Proof()
    by_id = {(place, each.id): each for place, additions in held.items() for each in additions}
    carriers = _by_marker(held)
    for row in rows:
        _judge(proof, row, by_id.get((row.agreement_id, row.addition_id or "")), carriers[row.agreement_id, row.marker])
    return proof


async def _look_up_missing(
    client: AdditionWriter, rows: Sequence[OperationRow], held: Mapping[str, list[Addition]]
) -> None:
    """What a list does not show may be too new for it; a read by id never lags."""
    known = {each.id for additions in held.values() for each in additions}

    async def look_up(row: OperationRow) -> None:
        try:
            held[row.agreement_id].append(await client.addition(row.agreement_id, str(row.addition_id)))
        except MissingUpstream:
            return

    missing = [row for row in rows if row.status == OperationStatus.DONE.value and row.addition_id not in known]
    await do_abreast([row for row in missing if row.addition_id], look_up)


def _by_marker(held: Mapping[str, list[Addition]]) -> defaultdict[tuple[str, str], list[Addition]]:
    carriers: defaultdict[tuple[str, str], list[Addition]] = defaultdict(list)
    for agreement_id, additions in held.items():
        for addition in additions:
            carriers[agreement_id, addition.serial_number.strip()].append(addition)
    return carriers


def _judge(proof: Proof, row: OperationRow, found: Addition | None, twins: Sequence[Addition]) -> None:
    if row.status == OperationStatus.FAILED.value:
        proof.outcomes[row.id] = Outcome(row.id, OperationStatus.FAILED, row.addition_id, row.error)
        return
    if found is None and row.addition_id is None and twins:
        found = twins[0]
    if len(twins) > 1:
        ids = " and ".join(sorted((each.id for each in twins), key=int))
        _fail(proof, row, f"Additions {ids} carry the same marker. Remove all but one in ConnectWise, then plan again.")
    elif found is None:
        is_lost = row.addition_id is None
        _fail(proof, row, NEVER_CONFIRMED if is_lost else f"Addition {row.addition_id} is gone from ConnectWise.")
    else:
        _compare(proof, Holding(row, found.id, values_held(found)))


def _compare(proof: Proof, holding: Holding) -> None:
    row = holding.row
    wanted = AdditionValues.model_validate(row.after)
    wrong = [
        f"{name_field(change.field)} {change.before} instead of {change.after}"
        for change in find_changes(holding.held, wanted)
    ]
    if wrong:
        proof.differing.append(holding)
        _fail(proof, row, f"ConnectWise holds {', '.join(wrong)}. Make a new plan to mend it.")
        return
    proof.outcomes[row.id] = Outcome(row.id, OperationStatus.DONE, holding.addition_id)
    proof.holdings[row.id] = holding


def _fail(proof: Proof, row: OperationRow, error: str) -> None:
    status = OperationStatus.UNKNOWN if error is NEVER_CONFIRMED else OperationStatus.FAILED
    proof.outcomes[row.id] = Outcome(row.id, status, row.addition_id, error)
