"""Additions of ours that bill no more: of ended subscriptions, and twins. Pure."""

from collections.abc import Sequence

from services.contracts.vocabulary import OperationKind
from services.sync.additions.twins import choose_kept, name_twins, stop_billing
from services.sync.additions.values import describe_difference
from services.sync.plans.operation import Ending, Ground, PlannedOperation, see_drift
from services.sync.psas.addition import Addition


def end_addition(agreement_id: str, marker: str, ending: Ending, ground: Ground) -> PlannedOperation:
    last = ground.written.get(marker)
    if ground.state.trouble:
        error, held = ground.state.trouble, last.values if last else None
        addition_id = last.addition_id if last else None
        return PlannedOperation(
            OperationKind.NONE, agreement_id, marker, None, addition_id, held, held, [ending.explanation], error=error
        )
    found = choose_kept(ground.find_carriers(marker), ground.next_invoice).kept
    before, day, warnings = found.values, ending.last_billed_day, see_drift(found.values, last, ground)
    if before.effective_date and before.effective_date > day:
        day = before.effective_date
        warnings.append("The addition starts after its last billed day; check whether it should be removed instead.")
    after = before.model_copy(update={"cancelled_date": day})
    explanation = [ending.explanation, f"The last billed day becomes {day}."]
    return PlannedOperation(
        OperationKind.CANCEL, agreement_id, marker, None, found.id, before, after, explanation, warnings
    )


def repair_twins(
    agreement_id: str, marker: str, carriers: Sequence[Addition], ground: Ground
) -> list[PlannedOperation]:
    twins = choose_kept(carriers, ground.next_invoice)
    why = (
        f"Additions {name_twins(carriers)} carry the same marker, so the charge would be billed twice. "
        f"Addition {twins.kept.id} stays, because {twins.reason}."
    )
    operations = []
    for twin in twins.others:
        after = stop_billing(twin, ground.next_invoice)
        phrases = describe_difference(twin.values, after)
        operations.append(
            PlannedOperation(
                OperationKind.CANCEL, agreement_id, marker, None, twin.id, twin.values, after, [why, *phrases]
            )
        )
    return operations
