"""What the additions of ours stand for after a push: a line, an operation that ends them, or no charge at all. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.contracts.invoicing.periods import add_days
from services.contracts.periods import days_of
from services.contracts.shapes import DesiredAddition, PlanScope, UnsentLine
from services.contracts.vocabulary import (
    DecisionChoice,
    DropRule,
    HoldReason,
    LineStatus,
    OperationKind,
    UndecidedCause,
)
from services.sync.additions.written import Written
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import ENDS, ExpectedAddition
from services.sync.psas.addition import Addition, AdditionValues
from services.sync.pushes.proof import Proof
from services.sync.receipts import reasons
from services.sync.receipts.reasons import Standing, Subject
from services.sync.receipts.will_bill import Claim, Loss, Unclaimed

Place = tuple[str, str]
"""Agreement id, and addition id or marker."""


def list_claims(rows: Sequence[OperationRow], proof: Proof) -> list[Claim]:
    """Each line with the additions under its marker. Of a failed one, whatever stands there pays for no charge."""
    invoiced = {row.id for row in proof.invoiced}
    known = {(each.agreement_id, each.addition_id): each for each in proof.written}
    claims: list[Claim] = []
    for row in rows:
        if row.desired is None:
            continue
        desired = DesiredAddition.model_validate(row.desired)
        read = proof.proven.get(row.id)
        if row.id in invoiced:
            claims.append(Claim(desired, row.addition_id, held=None))
        elif read is not None:
            before = AdditionValues.model_validate(row.before) if row.before else None
            written, shown = known.get((row.agreement_id, read.addition.id)), read.addition.prorated
            claim = Claim(desired, read.addition.id, read.addition.values, before, shown=shown)
            past = (written.held_before, written.invoiced_before) if written else ((), None)
            claims.append(replace(claim, history=past[0], invoiced_before=past[1]))
        else:
            claims += [Claim(desired, each.id, each.values, is_listed=True) for each in _find_standing(row, proof)]
    return claims


def _find_standing(row: OperationRow, proof: Proof) -> list[Addition]:
    """Open additions under the marker of a failed operation, and the one that it was about."""
    state = proof.states[row.agreement_id]
    standing = {each.id: each for each in state.carriers_of(row.marker)}
    known = state.find(row.addition_id) if row.addition_id else None
    return list(standing.values()) if known is None else list({**standing, known.id: known}.values())


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is known of the additions behind which the plan has no charge."""

    by_id: Mapping[Place, Written]
    by_marker: Mapping[Place, Written]
    claims: Mapping[Place, Sequence[Claim]]
    """Addition → the lines that stand behind it."""
    claimed_markers: frozenset[Place]
    operations: Mapping[Place, OperationRow]
    """Those that no line stands behind: endings, and what is undecided."""
    expected: Mapping[str, ExpectedAddition]
    """Marker → addition whose charge has not come yet."""
    lines_lost: Mapping[str, UnsentLine]
    """Marker → line that stays behind although an addition was sent for it."""
    lines: Mapping[UUID, UnsentLine]
    """Every line that stays behind."""
    lines_left: Mapping[str, UnsentLine]
    """Subscription → recurring line that stays behind."""
    is_complete: bool
    """A person says that the month brings no further charge."""
    last_day: date
    """Of the plan's period."""

    def find_loss(self, addition: Addition, known: Written) -> Loss:
        if known.line_id in self.lines:
            return Loss.NEWEST
        if addition.marker not in self.lines_lost:
            return Loss.NONE
        return Loss.NEWEST if known.line_id is None else Loss.OLDER

    def find_line(self, addition: Addition, known: Written) -> UnsentLine | None:
        """The line that would stand for an addition if it had not stayed behind."""
        line = self.lines.get(known.line_id) if known.line_id else None
        line = line or self.lines_lost.get(addition.marker)
        return self.lines_left.get(known.subscription_id) if line is None and known.is_recurring else line


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a plan says of charges that it does not send."""

    unsent: Sequence[UnsentLine]
    expected: Sequence[ExpectedAddition]
    is_complete: bool = False
    """A person says that the month brings no further charge."""


def list_unclaimed(
    rows: Sequence[OperationRow], proof: Proof, claims: Sequence[Claim], left_out: LeftOut, scope: PlanScope
) -> list[Unclaimed]:
    """The additions of ours that bill without a line of the plan, as far as the plan is about them."""
    unsent = left_out.unsent
    lines_of: dict[Place, list[Claim]] = defaultdict(list)
    for claim in claims:
        lines_of[claim.desired.agreement_id, claim.addition_id or ""].append(claim)
    ground = _Ground(
        by_id={(each.agreement_id, each.addition_id): each for each in proof.written},
        by_marker={(each.agreement_id, each.marker): each for each in proof.written},
        claims=lines_of,
        claimed_markers=frozenset((row.agreement_id, row.marker) for row in rows if row.desired is not None),
        operations={(row.agreement_id, row.addition_id or ""): row for row in rows if row.desired is None},
        expected={each.marker: each for each in left_out.expected},
        lines={line.line_id: line for line in unsent},
        lines_lost={line.sent_marker: line for line in unsent if line.sent_marker},
        lines_left={line.subscription_id: line for line in unsent if line.is_recurring and line.subscription_id},
        is_complete=left_out.is_complete,
        last_day=days_of(scope.period)[1],
    )
    return list(_walk(proof, ground, scope))


def _walk(proof: Proof, ground: _Ground, scope: PlanScope) -> Iterator[Unclaimed]:
    for agreement_id, state in proof.states.items():
        for addition in state.additions:
            place = (agreement_id, addition.id)
            known = ground.by_id.get(place) or ground.by_marker.get((agreement_id, addition.marker))
            if known is not None and _is_meant(known, ground, scope):
                yield from _list_gaps(addition, known, ground, proof)
            if place in ground.claims:
                yield from _follow(addition, known, ground, proof)
                continue
            if known is None:
                continue
            loss = ground.find_loss(addition, known)
            is_asked_about = loss is not Loss.NONE or place in ground.operations
            if is_asked_about or (not _is_charged_to_its_end(addition, known) and _is_meant(known, ground, scope)):
                yield _as_unclaimed(addition, known, loss, ground, proof)


def _follow(addition: Addition, known: Written | None, ground: _Ground, proof: Proof) -> Iterator[Unclaimed]:
    """An addition that lines stand behind, after the last billing period that bills one of them.

    Where nobody knows their periods, no forecast of the lines is possible, and that is a difference of theirs.
    """
    place = (addition.agreement_id, addition.id)
    lines = [each.desired for each in ground.claims[place] if each.desired.is_recurring]
    days = [each.bills_through for each in lines if each.bills_through is not None]
    if not days or len(days) < len(lines) or max(days) >= ground.last_day:
        return
    if known is not None and known.charged_through is not None:
        days.append(known.charged_through)
    standing = reasons.bills_on(is_complete=ground.is_complete)
    if known is not None and place in ground.operations:
        standing = _explain(addition, known, ground, proof)
    yield Unclaimed(
        addition=addition,
        subject=ground.claims[place][-1].subject,
        is_recurring=True,
        charged_from=None,
        charged_through=max(days),
        standing=standing,
        has_lines=True,
        history=known.held_before if known else (),
        invoiced_before=known.invoiced_before if known else None,
    )


def _list_gaps(addition: Addition, known: Written, ground: _Ground, proof: Proof) -> Iterator[Unclaimed]:
    """What it bills between the billing periods of its charges."""
    for first, last in known.gaps:
        each = _as_unclaimed(addition, known, Loss.NONE, ground, proof)
        yield replace(each, charged_through=add_days(first, -1), until=last, standing=reasons.GAP, has_lines=True)


def _is_charged_to_its_end(addition: Addition, known: Written) -> bool:
    """What most additions of earlier months are, and they are many: lines stand behind every day that they bill."""
    end = addition.values.cancelled_date
    if known.charged_through is None or end is None:
        return False
    return end <= known.charged_through


def _is_meant(known: Written, ground: _Ground, scope: PlanScope) -> bool:
    """Whether a plan of this scope speaks of an addition: one about single lines does so of theirs only."""
    if scope.line_ids:
        return (known.agreement_id, known.marker) in ground.claimed_markers
    return scope.subscription_id is None or known.subscription_id == scope.subscription_id


def _as_unclaimed(addition: Addition, known: Written, loss: Loss, ground: _Ground, proof: Proof) -> Unclaimed:
    subject = Subject(
        organization_id=known.organization_id,
        organization=known.names.get("organization", ""),
        agreement=known.names.get("agreement", ""),
        agreement_id=known.agreement_id,
        addition_id=addition.id,
        subscription=known.names.get("subscription", ""),
        currency=known.currency,
    )
    return Unclaimed(
        addition=addition,
        subject=subject,
        is_recurring=known.is_recurring,
        charged_from=known.charged_from,
        charged_through=known.charged_through,
        standing=_explain(addition, known, ground, proof),
        loss=loss,
        history=known.held_before,
        invoiced_before=known.invoiced_before,
    )


def _explain(addition: Addition, known: Written, ground: _Ground, proof: Proof) -> Standing:
    operation = ground.operations.get((known.agreement_id, addition.id))
    if operation is not None and operation.kind == OperationKind.UNDECIDED.value:
        return _explain_undecided(operation)
    if operation is not None and operation.kind in ENDS:
        is_over = operation.id in proof.proven
        return reasons.ended(addition.values.cancelled_date, proof.psa) if is_over else reasons.NOT_ENDED
    if (known.agreement_id, addition.marker) in ground.claimed_markers:
        return reasons.TWIN
    if (expected := ground.expected.get(addition.marker)) is not None:
        return reasons.not_charged_yet(expected.reason)
    line = ground.find_line(addition, known)
    return reasons.NOT_IN_PLAN if line is None else _explain_line(line)


def _explain_undecided(row: OperationRow) -> Standing:
    if row.choice == DecisionChoice.KEEP.value:
        return reasons.kept(row.decided_by, row.choice_reason, row.keep_until)
    return reasons.BY_CAUSE[UndecidedCause(row.cause)] if row.cause else reasons.NOT_IN_PLAN


def _explain_line(line: UnsentLine) -> Standing:
    if line.status is LineStatus.PREVIEW:
        return reasons.PREVIEW
    if line.status is LineStatus.EXCLUDED:
        return reasons.EXCLUDED
    if HoldReason.VANISHED_FROM_INVOICE in line.reasons:
        return reasons.VANISHED
    if HoldReason.SUPERSEDED in line.reasons:
        return reasons.SUPERSEDED
    if line.dropped_by is DropRule.FAVOURABLE_PRORATIONS:
        return reasons.DROPPED
    is_free = line.dropped_by is DropRule.ZERO_LINES or HoldReason.ZERO_PRICE in line.reasons
    return reasons.FREE if is_free else reasons.HELD
