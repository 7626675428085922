"""Additions of ours that bill no more: of ended subscriptions, older segments, and twins. Pure."""

from collections.abc import Sequence

from services.contracts.vocabulary import OperationKind
from services.sync.additions.twins import choose_kept, end_billing, name_twins, stop_billing
from services.sync.additions.values import describe_difference
from services.sync.plans.operation import Ending, Ground, PlannedOperation, see_drift
from services.sync.psas.addition import Addition, AdditionValues


def end_addition(agreement_id: str, marker: str, ending: Ending, ground: Ground) -> PlannedOperation:
    last = ground.written.get(marker)
    if ground.state.trouble:
        return refuse_end(agreement_id, marker, [ending.explanation], ground, ground.state.trouble)
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


def refuse_end(agreement_id: str, marker: str, explanation: list[str], ground: Ground, error: str) -> PlannedOperation:
    """An addition that should bill no more, and that nobody can tell about now."""
    last = ground.written.get(marker)
    held, addition_id = (last.values, last.addition_id) if last else (None, None)
    return PlannedOperation(
        OperationKind.NONE, agreement_id, marker, None, addition_id, held, held, explanation, error=error
    )


def close_addition(agreement_id: str, marker: str, ending: Ending, ground: Ground) -> PlannedOperation | None:
    """Let an addition bill up to a day because another carries its charge; None where it does not bill longer."""
    if ground.state.trouble:
        return refuse_end(agreement_id, marker, [ending.explanation], ground, ground.state.trouble)
    carriers = ground.find_carriers(marker)
    if not carriers:
        return None
    found = choose_kept(carriers, ground.next_invoice).kept
    after = end_billing(found, ending.last_billed_day, ground.find_next_invoice(marker))
    if after == found.values:
        return None
    return PlannedOperation(
        OperationKind.CLOSE,
        agreement_id,
        marker,
        None,
        found.id,
        found.values,
        after,
        [ending.explanation, say_end(found.values, after)],
        see_drift(found.values, ground.written.get(marker), ground),
    )


def say_end(before: AdditionValues, after: AdditionValues) -> str:
    """What ending does, as a sentence."""
    if after.bill_option != before.bill_option:
        return "It never bills: it ends on its start and becomes unbillable."
    return f"The last billed day becomes {after.cancelled_date}."


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
