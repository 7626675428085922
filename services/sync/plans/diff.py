"""The difference between what an agreement should hold and what it holds. Pure: values in, operations out.

An addition is ours when it carries the marker of a desired addition, or of one that we wrote. Everything
else on the agreement belongs to people and is never touched, unless exactly one hand-made addition equals
exactly one new recurring charge: then it is adopted instead of duplicated.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import OperationKind
from services.sync.additions.adoption import pair_hand_made
from services.sync.additions.twins import choose_kept, find_twins
from services.sync.additions.values import describe_difference, wanted_values
from services.sync.additions.written import Written
from services.sync.plans.ends import close_addition, end_addition, repair_twins
from services.sync.plans.operation import Ending, Ground, PlannedOperation, see_drift
from services.sync.psas.addition import Addition, AdditionValues

NOTHING: Mapping[str, Ending] = MappingProxyType({})


def diff_agreement(
    agreement_id: str,
    desired: Sequence[DesiredAddition],
    endings: Mapping[str, Ending],
    ground: Ground,
    closings: Mapping[str, Ending] = NOTHING,
) -> list[PlannedOperation]:
    """The operations of one agreement: one per desired addition, then those that end, then twins that stop billing.

    Args:
        endings: marker → why and when our addition ends, because its subscription has.
        closings: marker → the same of one that is followed by another.
    """
    state = ground.state
    claims = Counter(each.marker for each in desired)
    # What was invoiced under a marker and what goes on with it are two lines, and only the latter is written.
    asked = Counter(each.marker for each in desired if not each.is_frozen)
    fresh = [
        each
        for each in desired
        if not each.is_frozen and not ground.find_carriers(each.marker) and asked[each.marker] == 1
    ]
    adopted = _find_adopted(fresh, ground)
    taken = {each.id for each in adopted.values()}
    hand_made = [each for each in ground.list_hand_made() if each.id not in taken]
    twins = find_twins(state, {*claims, *ground.written, *endings})

    def plan_one(each: DesiredAddition) -> PlannedOperation:
        found = ground.find_carriers(each.marker)
        if each.is_frozen:
            return _leave_invoiced(each, choose_kept(found, ground.next_invoice).kept if found else None)
        if error := state.trouble or ("Two lines ask for the same addition." if asked[each.marker] > 1 else ""):
            return _refuse(each, found[0] if found else None, error)
        if found:
            return _compare(each, choose_kept(found, ground.next_invoice).kept, ground)
        if error := _forbids_creating(each, ground):
            return _refuse(each, None, error)
        if each.marker in adopted:
            return _adopt(each, adopted[each.marker], ground)
        return _create(each, hand_made, ground)

    ended = [
        end_addition(agreement_id, marker, ending, ground)
        for marker, ending in endings.items()
        if marker not in claims and (state.trouble or any(one.values.is_open for one in state.carriers_of(marker)))
    ]
    changing = {each.marker for each in desired if not each.is_frozen}
    closed = [
        operation
        for marker, closing in closings.items()
        if marker not in changing
        if (operation := close_addition(agreement_id, marker, closing, ground)) is not None
    ]
    repairs = [
        each for marker, found in sorted(twins.items()) for each in repair_twins(agreement_id, marker, found, ground)
    ]
    return [*(plan_one(each) for each in desired), *ended, *closed, *repairs]


def _find_adopted(fresh: Sequence[DesiredAddition], ground: Ground) -> dict[str, Addition]:
    """Marker → the addition made by hand that it takes over. A first charge was compared with all of them before."""
    creatable = [each for each in fresh if not _forbids_creating(each, ground)]
    free = [each for each in ground.list_hand_made() if each.id not in ground.reserved]
    compared = {each.marker: ground.adoptions[each.marker] for each in creatable if each.marker in ground.adoptions}
    return compared | pair_hand_made([each for each in creatable if each.first_charge is None], free)


def _forbids_creating(desired: DesiredAddition, ground: Ground) -> str:
    """Why a new addition must not be made for a marker that nothing carries; empty when it may."""
    if reason := ground.unresolved.get(desired.marker):
        return reason
    if ground.state.may_hide(desired.marker):
        return f"The addition is in {ground.psa} and cannot be read. Correct it there, then plan again."
    return ""


def _refuse(desired: DesiredAddition, found: Addition | None, error: str) -> PlannedOperation:
    held = found.values if found else None
    return PlannedOperation(
        OperationKind.NONE,
        desired.agreement_id,
        desired.marker,
        desired,
        found.id if found else None,
        held,
        held,
        error=error,
    )


def _leave_invoiced(desired: DesiredAddition, found: Addition | None) -> PlannedOperation:
    """What was invoiced is not written again, not even where people removed it since."""
    held = found.values if found else None
    addition_id = found.id if found else None
    return PlannedOperation(
        OperationKind.NONE,
        desired.agreement_id,
        desired.marker,
        desired,
        addition_id,
        held,
        held,
        [*desired.explanation, f"It was invoiced with {desired.amount:f} {desired.currency}, and is left as it is."],
    )


def _compare(desired: DesiredAddition, found: Addition, ground: Ground) -> PlannedOperation:
    last = ground.written.get(desired.marker)
    after = ground.as_held(wanted_values(desired, _kept_start(desired, last)))
    before = found.seen_as(after)
    if _stays_ended(after, before, last, desired.bills_through or ground.last_day):
        after = after.model_copy(update={"cancelled_date": before.cancelled_date})
    phrases = describe_difference(before, after)
    if not phrases:
        explanation = [*desired.explanation, f"Addition {found.id} is equal in every field."]
        return _operation(OperationKind.NONE, desired, found.id, before, after, explanation, [], ground)
    explanation = [*desired.explanation, f"Addition {found.id} differs: {'; '.join(phrases)}."]
    drift = see_drift(before, last, ground)
    return _operation(OperationKind.UPDATE, desired, found.id, before, after, explanation, drift, ground)


def _adopt(desired: DesiredAddition, found: Addition, ground: Ground) -> PlannedOperation:
    held = found.values.effective_date
    older = held if held and held <= desired.effective_date else None
    after = ground.as_held(wanted_values(desired, older))
    before = found.seen_as(after)
    is_equal = (before.quantity, before.unit_price) == (after.quantity, after.unit_price)
    said = "with the same product, quantity and price" if is_equal else "for the same charge"
    start = f"keeps its start {older}" if older else f"starts on {after.effective_date} instead of later"
    explanation = [
        *desired.explanation,
        f"Addition {found.id} was made by hand {said}.",
        f"It is marked as ours, and {start}.",
    ]
    return _operation(OperationKind.ADOPT, desired, found.id, before, after, explanation, [], ground)


def _create(desired: DesiredAddition, hand_made: Sequence[Addition], ground: Ground) -> PlannedOperation:
    warnings = [
        f"Addition {one.id}, made by hand, has the same product: "
        f"quantity {one.values.quantity:f} at {one.values.unit_price:f}."
        for one in hand_made
        if one.values.product_id == desired.product_id
    ]
    if last := ground.written.get(desired.marker):
        day = last.written_at.date()
        warnings.append(f"Addition {last.addition_id}, which we wrote on {day}, is gone from {ground.psa}.")
    explanation = [*desired.explanation, "No addition of the agreement carries its marker: a new one is made."]
    after = ground.as_held(wanted_values(desired))
    kind = OperationKind.TRUE_UP if desired.corrects else OperationKind.CREATE
    return _operation(kind, desired, None, None, after, explanation, warnings, ground)


def _operation(
    kind: OperationKind,
    desired: DesiredAddition,
    addition_id: str | None,
    before: AdditionValues | None,
    after: AdditionValues,
    explanation: list[str],
    warnings: list[str],
    ground: Ground,
) -> PlannedOperation:
    if desired.forecast is not None and desired.forecast != desired.amount:
        expected = f"{ground.psa} is expected to bill {desired.forecast:f} {desired.currency} for it in the period"
        meant = "AppXite charged" if desired.charged is None else "with what rules or people add, it comes to"
        warnings = [*warnings, f"{expected}; {meant} {desired.amount:f}."]
    return PlannedOperation(
        kind, desired.agreement_id, desired.marker, desired, addition_id, before, after, explanation, warnings
    )


def _kept_start(desired: DesiredAddition, last: Written | None) -> date | None:
    """An adopted addition keeps its own, older start, whichever month asks for another, unless a user moved it."""
    held = last.values.effective_date if last else None
    if last is None or held is None or last.wanted_effective_date == desired.effective_date:
        return held
    is_adopted = held < last.wanted_effective_date
    return held if is_adopted and held < desired.effective_date and not desired.moves_start else None


def _stays_ended(after: AdditionValues, before: AdditionValues, last: Written | None, last_day: date) -> bool:
    """Keep the end date: a later plan ended this addition, and it still bills the whole charge, up to `last_day`."""
    ended_on = last.ended_on if last else None
    return after.is_open and ended_on is not None and ended_on == before.cancelled_date and ended_on >= last_day
