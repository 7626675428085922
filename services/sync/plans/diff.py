"""The difference between what an agreement should hold and what it holds. Pure: values in, operations out.

An addition is ours when it carries the marker of a desired addition, or of one that we wrote. Everything
else on the agreement belongs to people and is never touched, unless exactly one hand-made addition equals
exactly one new recurring charge: then it is adopted instead of duplicated.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import OperationKind
from services.sync.additions.adoption import is_hand_made, pair_hand_made
from services.sync.additions.values import describe_changes, find_changes, values_held, values_wanted
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.models import Addition


@dataclass(frozen=True, slots=True)
class Written:
    """An addition as we last wrote it."""

    addition_id: str
    held: AdditionValues
    wanted_effective_date: date
    written_on: date
    ended_on: date | None = None
    """The last billed day that we gave it because its subscription had ended."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An addition of ours whose subscription has ended, and the last day it may bill."""

    last_billed_day: date
    explanation: str


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """What one addition needs. An `error` means that nothing may be written before a person has looked."""

    kind: OperationKind
    marker: str
    desired: DesiredAddition | None
    addition_id: str | None
    before: AdditionValues | None
    after: AdditionValues | None
    explanation: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str = ""


def diff_agreement(
    desired: Sequence[DesiredAddition],
    actual: Sequence[Addition],
    written: Mapping[str, Written],
    endings: Mapping[str, Ending],
    last_day: date,
) -> list[PlannedOperation]:
    """The operations of one agreement: one per desired addition, then one per ended one.

    Args:
        actual: all additions of the agreement, unfiltered.
        written: marker → what we last wrote under it.
        endings: marker → why and when our addition ends.
        last_day: of the period.
    """
    carriers = _by_marker(actual)
    claims = Counter(each.marker for each in desired)
    fresh = [each for each in desired if each.marker not in carriers and claims[each.marker] == 1]
    adopted = pair_hand_made(fresh, actual)
    taken = {each.id for each in adopted.values()}
    hand_made = [each for each in actual if is_hand_made(each) and each.id not in taken]

    def plan_one(each: DesiredAddition) -> PlannedOperation:
        found, last = carriers.get(each.marker, []), written.get(each.marker)
        if claims[each.marker] > 1:
            return _refuse(each, None, "Two lines of this period ask for the same addition.")
        if len(found) > 1:
            return _refuse(each, found[0], _say_twins(found))
        if found:
            return _compare(each, found[0], last, last_day)
        if each.marker in adopted:
            return _adopt(each, adopted[each.marker])
        return _create(each, hand_made, last)

    ended = [
        _end(marker, carriers[marker], ending, written.get(marker))
        for marker, ending in endings.items()
        if marker not in claims and any(one.cancelled_date is None for one in carriers.get(marker, ()))
    ]
    return [plan_one(each) for each in desired] + ended


def _by_marker(actual: Iterable[Addition]) -> dict[str, list[Addition]]:
    carriers = defaultdict(list)
    for addition in actual:
        if marker := addition.serial_number.strip():
            carriers[marker].append(addition)
    return carriers


def _say_twins(found: Sequence[Addition]) -> str:
    ids = " and ".join(sorted((one.id for one in found), key=int))
    return f"Additions {ids} carry the same marker. Remove all but one in ConnectWise, then plan again."


def _refuse(desired: DesiredAddition, found: Addition | None, error: str) -> PlannedOperation:
    held = values_held(found) if found else None
    return PlannedOperation(
        OperationKind.NONE, desired.marker, desired, found.id if found else None, held, held, error=error
    )


def _compare(desired: DesiredAddition, found: Addition, last: Written | None, last_day: date) -> PlannedOperation:
    before = values_held(found)
    after = values_wanted(desired, _kept_start(desired, last))
    if _stays_ended(after, before, last, last_day):
        after = after.model_copy(update={"cancelled_date": before.cancelled_date})
    phrases = describe_changes(find_changes(before, after))
    if not phrases:
        explanation = [*desired.explanation, f"Addition {found.id} is equal in every field."]
        return _operation(OperationKind.NONE, desired, found.id, before, after, explanation, [])
    explanation = [*desired.explanation, f"Addition {found.id} differs: {'; '.join(phrases)}."]
    return _operation(OperationKind.UPDATE, desired, found.id, before, after, explanation, _see_drift(before, last))


def _adopt(desired: DesiredAddition, found: Addition) -> PlannedOperation:
    before = values_held(found)
    after = values_wanted(desired, before.effective_date)
    explanation = [
        *desired.explanation,
        f"Addition {found.id} was made by hand with the same product, quantity and price.",
        f"It is marked as ours, and keeps its start {before.effective_date}.",
    ]
    return _operation(OperationKind.ADOPT, desired, found.id, before, after, explanation, [])


def _create(desired: DesiredAddition, hand_made: Sequence[Addition], last: Written | None) -> PlannedOperation:
    warnings = [
        f"Addition {one.id}, made by hand, has the same product: quantity {one.quantity:f} at {one.unit_price:f}."
        for one in hand_made
        if one.product_id == desired.product_id
    ]
    if last is not None:
        warnings.append(f"Addition {last.addition_id}, which we wrote on {last.written_on}, is gone from ConnectWise.")
    explanation = [*desired.explanation, "No addition of the agreement carries its marker: a new one is made."]
    return _operation(OperationKind.CREATE, desired, None, None, values_wanted(desired), explanation, warnings)


def _end(marker: str, found: Sequence[Addition], ending: Ending, last: Written | None) -> PlannedOperation:
    before = values_held(found[0])
    if len(found) > 1:
        return PlannedOperation(
            OperationKind.NONE, marker, None, found[0].id, before, before, [ending.explanation], error=_say_twins(found)
        )
    day, warnings = ending.last_billed_day, _see_drift(before, last)
    if before.effective_date and before.effective_date > day:
        day = before.effective_date
        warnings.append("The addition starts after its last billed day; check whether it should be removed instead.")
    after = before.model_copy(update={"cancelled_date": day})
    explanation = [ending.explanation, f"The last billed day becomes {day}."]
    return PlannedOperation(OperationKind.CANCEL, marker, None, found[0].id, before, after, explanation, warnings)


def _operation(
    kind: OperationKind,
    desired: DesiredAddition,
    addition_id: str | None,
    before: AdditionValues | None,
    after: AdditionValues,
    explanation: list[str],
    warnings: list[str],
) -> PlannedOperation:
    if desired.forecast is not None and desired.forecast != desired.amount:
        expected = f"ConnectWise is expected to bill {desired.forecast:f} {desired.currency} for it in the period"
        warnings = [*warnings, f"{expected}; AppXite charged {desired.amount:f}."]
    return PlannedOperation(kind, desired.marker, desired, addition_id, before, after, explanation, warnings)


def _kept_start(desired: DesiredAddition, last: Written | None) -> date | None:
    """An adopted addition keeps its own start as long as the same start is asked for as at its adoption."""
    if last is not None and last.wanted_effective_date == desired.effective_date:
        return last.held.effective_date
    return None


def _stays_ended(after: AdditionValues, before: AdditionValues, last: Written | None, last_day: date) -> bool:
    """A later month ended it, and it bills all of this one: this month has no reason to open it again."""
    ended_on = last.ended_on if last else None
    return after.is_open and ended_on is not None and ended_on == before.cancelled_date and ended_on >= last_day


def _see_drift(before: AdditionValues, last: Written | None) -> list[str]:
    if last is None or not (phrases := describe_changes(find_changes(last.held, before))):
        return []
    return [f"Changed in ConnectWise since we wrote it on {last.written_on}: {'; '.join(phrases)}."]
