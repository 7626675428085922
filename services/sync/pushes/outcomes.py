"""What a push reports when it ends: how many additions took which way, with their money."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from services.contracts.shapes import Outcomes, Tally
from services.contracts.vocabulary import OperationKind
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.pushes.proof import Proof

OUTCOME_NAMES = {
    OperationKind.CREATE: "created",
    OperationKind.UPDATE: "updated",
    OperationKind.CANCEL: "cancelled",
    OperationKind.CLOSE: "closed",
    OperationKind.ADOPT: "adopted",
    OperationKind.TRUE_UP: "trued up",
    OperationKind.UNDECIDED: "undecided",
    OperationKind.NONE: "unchanged",
}
FAILED, UNSENT = "failed", "unsent"
WROTE_NOTHING = frozenset({FAILED, UNSENT, OUTCOME_NAMES[OperationKind.NONE], OUTCOME_NAMES[OperationKind.UNDECIDED]})
"""Outcomes that changed nothing in the PSA; the others did."""


def count_outcomes(rows: Sequence[OperationRow], proof: Proof, unsent: Tally) -> Outcomes:
    amounts: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in rows:
        if row in proof.taken_back:
            continue  # counted with what was not sent
        is_done = proof.outcomes[row.id].status is OperationStatus.DONE
        name = OUTCOME_NAMES[OperationKind(row.kind)] if is_done else FAILED
        amounts[name].append((row.currency, row.amount))
    outcomes = {name: Tally.of(lines) for name, lines in amounts.items()}
    return outcomes | ({UNSENT: unsent} if unsent.count else {})
