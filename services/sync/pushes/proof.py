"""Reading back: every addition a push touched is compared with what it should hold, field by field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.contracts.shapes import DesiredAddition, PsaTraits
from services.sync.additions.reading import NextInvoices, read_agreements
from services.sync.additions.repository import Found
from services.sync.additions.state import AgreementState
from services.sync.additions.twins import find_twins, name_twins
from services.sync.additions.values import find_changes, name_field
from services.sync.additions.written import Written, known_values
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import CREATES, WRITES, OperationStatus
from services.sync.psas.addition import Addition, AdditionValues
from services.sync.psas.port import Psa
from services.sync.pushes.write import Outcome, is_taken_back


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the PSA holds for one operation, as read after the writes."""

    row: OperationRow
    addition: Addition

    @property
    def found(self) -> Found | None:
        """For the registry of our additions; None for an operation without a line."""
        if self.row.desired is None:
            return None
        desired = DesiredAddition.model_validate(self.row.desired)
        values = self.addition.values
        if self.row.after:
            values = self.addition.seen_as(AdditionValues.model_validate(self.row.after))
        return Found(desired, self.addition.id, values, is_new=self.row.kind in CREATES)


@dataclass(slots=True)
class Proof:
    """What was found of each operation: its outcome, and what the PSA holds where that is right."""

    states: Mapping[str, AgreementState]
    traits: PsaTraits
    written: Sequence[Written]
    """Everything we wrote on these agreements, this push included."""
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    proven: dict[UUID, ReadBack] = field(default_factory=dict)
    invoiced: list[OperationRow] = field(default_factory=list)
    """Operations without a write about what the PSA had invoiced before: they count with what was invoiced."""
    taken_back: list[OperationRow] = field(default_factory=list)
    """New additions that the PSA cannot hold as exact money; they bill nothing, and their lines are held."""
    differing: list[ReadBack] = field(default_factory=list)
    """Written, and not held as written."""
    gone: list[Written] = field(default_factory=list)
    """Additions of ours that the PSA no longer has."""
    twins: dict[str, list[Addition]] = field(default_factory=dict)
    """Marker → additions that carry it and may still bill, where there are several."""

    @property
    def psa(self) -> str:
        """Its name, for people."""
        return self.traits.label


async def read_back(
    psa: Psa,
    rows: Sequence[OperationRow],
    written: Sequence[Written],
    looked_at: Iterable[str] = (),
    next_invoices: NextInvoices | None = None,
) -> Proof:
    """Read every agreement once more and judge each operation by what is there, not by what was answered.

    Args:
        looked_at: agreements that the plan has looked at. Additions of ours bill there too where it writes nothing.
    """
    agreement_ids = {*looked_at, *(row.agreement_id for row in rows)}
    states = await read_agreements(psa, agreement_ids, known_values(written), next_invoices)
    proof = Proof(states, psa.traits, written)
    for row in rows:
        _judge(proof, row)
    gone = {(agreement_id, each) for agreement_id, state in states.items() for each in state.gone}
    proof.gone = [each for each in written if (each.agreement_id, each.addition_id) in gone]
    proof.twins = _find_all_twins(states, [*(row.marker for row in rows), *(each.marker for each in written)])
    return proof


def _find_all_twins(states: Mapping[str, AgreementState], markers: Iterable[str]) -> dict[str, list[Addition]]:
    ours = set(markers)
    return {marker: found for state in states.values() for marker, found in find_twins(state, ours).items()}


def _judge(proof: Proof, row: OperationRow) -> None:
    if row.desired is not None and row.desired.get("is_frozen"):
        proof.outcomes[row.id] = Outcome(row.id, OperationStatus.DONE, row.addition_id)
        proof.invoiced.append(row)
        return
    state = proof.states[row.agreement_id]
    if state.trouble:
        was_written = row.status == OperationStatus.DONE.value
        _fail(proof, row, f"It was written and cannot be read back. {state.trouble}" if was_written else _reason(row))
        return
    carriers = state.carriers_of(row.marker)
    found = state.find(row.addition_id) if row.addition_id else None
    if found is None and carriers and row.addition_id is None and row.kind in CREATES:
        found = carriers[0]
    if row.status == OperationStatus.FAILED.value and not _holds(row, found):
        _fail(proof, row, _reason(row))
    elif len(carriers) > 1:
        ids = name_twins(carriers)
        _fail(proof, row, f"Additions {ids} carry the same marker. Plan again: the plan ends all but one of them.")
    elif found is None:
        _fail_absent(proof, row)
    else:
        _compare(proof, row, found)


def _holds(row: OperationRow, found: Addition | None) -> bool:
    """Whether a write that counts as failed left exactly what it was to make: a PSA may fail after it has committed."""
    if row.kind not in WRITES or found is None:
        return False
    after = AdditionValues.model_validate(row.after)
    return found.seen_as(after) == after


def _reason(row: OperationRow) -> str:
    return row.error or "The agreement cannot be read."


def _fail_absent(proof: Proof, row: OperationRow) -> None:
    if row.addition_id is not None:
        _fail(proof, row, f"Addition {row.addition_id} is gone from {proof.psa}.")
        return
    error = f"{proof.psa} never confirmed this addition, and it is not on the agreement. Make a new plan to try again."
    proof.outcomes[row.id] = Outcome(row.id, OperationStatus.UNKNOWN, None, error)


def _compare(proof: Proof, row: OperationRow, found: Addition) -> None:
    wanted = AdditionValues.model_validate(row.after)
    wrong = [
        f"{name_field(change.field)} {change.before} instead of {change.after}"
        for change in find_changes(found.seen_as(wanted), wanted)
    ]
    if wrong:
        proof.differing.append(ReadBack(row, found))
        _fail(proof, row, f"{proof.psa} holds {', '.join(wrong)}. Make a new plan to mend it.")
        return
    if is_taken_back(row):
        proof.taken_back.append(row)
        _fail(proof, row, row.explanation[-1])
        return
    proof.outcomes[row.id] = Outcome(row.id, OperationStatus.DONE, found.id)
    proof.proven[row.id] = ReadBack(row, found)


def _fail(proof: Proof, row: OperationRow, error: str) -> None:
    proof.outcomes[row.id] = Outcome(row.id, OperationStatus.FAILED, row.addition_id, error)
