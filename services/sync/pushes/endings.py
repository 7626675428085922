"""How a push ends: refused, stopped, or proven and published for billing; and what that means for its plan."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from uuid import UUID

from services.contracts.envelope import MAX_ROWS_PER_CHUNK, cut_by_weight
from services.contracts.events.sync import AdditionsPushed, TroubleNoted
from services.contracts.shapes import (
    DesiredAddition,
    EndedAddition,
    MendedAmount,
    PlanScope,
    PushedAddition,
    UnsentLine,
    tally_singles,
)
from services.contracts.vocabulary import (
    HoldReason,
    LineStatus,
    LogLevel,
    OperationKind,
    PlanStatus,
    RunStatus,
)
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.kit.ledger.live import announce_after_commit
from services.sync.additions import repository as additions
from services.sync.additions.twins import name_twins
from services.sync.loads.service import is_called_complete
from services.sync.mirrors.repository import find_next_invoices
from services.sync.plans import repository as plans
from services.sync.plans import service as plan_service
from services.sync.plans.models import OperationRow, PlanRow
from services.sync.plans.schemas import ENDS, WRITES, ExpectedAddition, OperationStatus
from services.sync.psas.addition import Addition
from services.sync.pushes import repository
from services.sync.pushes.expected import keep_expected
from services.sync.pushes.outcomes import FAILED, WROTE_NOTHING, count_outcomes
from services.sync.pushes.proof import Proof
from services.sync.pushes.standing import LeftOut, list_claims, list_unclaimed
from services.sync.pushes.write import Outcome
from services.sync.receipts import service as receipts
from services.sync.receipts.schemas import Failure
from services.sync.receipts.service import CameOut
from services.sync.receipts.tie_out import OnPsa, RowKey
from services.sync.runs import parts
from services.sync.runs import repository as run_rows
from services.sync.runs import service as runs

MOST_NOTES = 20  # failures published one by one for the system log; the receipt lists them all
_NOT_RECORDED = {OperationStatus.FAILED.value, OperationStatus.UNKNOWN.value, OperationStatus.SENDING.value}
"""Of an operation that was proven all the same: what it wrote is not known yet."""


async def refuse_ground(session: WriteSession, run_id: UUID, plan_id: UUID, moved: list[str]) -> None:
    """The PSA is not as the plan found it: nothing was written."""
    plan = await plans.lock_plan(session, plan_id)
    if plan is None:
        return
    plan.status, plan.moved = PlanStatus.STALE.value, moved
    announce_after_commit(session, "plan", plan_service.describe(plan))
    error = f"Additions have changed since the plan was computed, so nothing was written. {' '.join(moved)}"
    await runs.finish_run(session, run_id, RunStatus.FAILED, error)


async def fail_unreadable(session: WriteSession, rows: Sequence[OperationRow], troubled: Mapping[str, str]) -> None:
    """Nothing is written on agreements that cannot be read; their operations fail with the reason."""
    outcomes = [
        Outcome(row.id, OperationStatus.FAILED, row.addition_id, troubled[row.agreement_id])
        for row in rows
        if row.agreement_id in troubled and row.status == OperationStatus.PLANNED.value
    ]
    if outcomes:
        await repository.record_outcomes(session, outcomes)


async def stop_push(session: WriteSession, run_id: UUID, plan_id: UUID, cause: str) -> str:
    """Release the plan of a push that cannot go on, and say how far it came."""
    rows = await plans.list_operations(session, plan_id)
    writes = [row for row in rows if row.kind in WRITES]
    done = sum(1 for row in writes if row.status == OperationStatus.DONE.value)
    said = f"Stopped after {done} of {len(writes)} writes: {cause}"
    if any(row.sent_at is not None for row in writes):
        said += " What was written is found again by the next plan."
    await release_plan(session, run_id, plan_id)
    return said


async def release_plan(session: WriteSession, run_id: UUID, plan_id: UUID) -> None:
    """A plan whose run is over without proof: to be applied again if nothing was sent, stale otherwise."""
    plan = await plans.lock_plan(session, plan_id)
    if plan is None or plan.run_id != run_id or plan.status != PlanStatus.READY.value:
        return
    rows = await plans.list_operations(session, plan_id)
    if any(row.sent_at is not None for row in rows):
        plan.status, plan.moved = PlanStatus.STALE.value, [f"Run {run_id} wrote a part of it and stopped."]
    else:
        plan.run_id = None
    announce_after_commit(session, "plan", plan_service.describe(plan))


async def close_push(
    session: WriteSession, run_id: UUID, plan_id: UUID, rows: Sequence[OperationRow], proof: Proof
) -> None:
    """Store what was proven, the receipt, and the outcomes; publish them for billing, part by part."""
    plan, run = await plans.lock_plan(session, plan_id), await run_rows.lock_run(session, run_id)
    if plan is None or run is None or await receipts.has_receipt(session, run_id):
        return
    await repository.record_outcomes(session, list(proof.outcomes.values()))
    await _record_additions(session, run_id, proof)
    unsent = [UnsentLine.model_validate(line) for line in await plans.list_unsent(session, plan_id)]
    unsent += [_hold(row) for row in proof.taken_back]
    failed = [row for row in rows if proof.outcomes[row.id].error and row not in proof.taken_back]
    failures = [_failure(row, proof.outcomes[row.id].error) for row in failed]
    on_psa = [_on_psa(each.row, each.addition) for each in proof.proven.values() if each.row.desired]
    on_psa += [_on_psa(row, None) for row in proof.invoiced]
    desired = [DesiredAddition.model_validate(row.desired) for row in rows if row.desired]
    scope = PlanScope.model_validate(plan.scope)
    claims = list_claims(rows, proof)
    expected = [ExpectedAddition.model_validate(each) for each in await plans.list_expected(session, plan_id)]
    failures += [(_unread(each, trouble), []) for each in expected if (trouble := _find_trouble(each, proof))]
    left_out = LeftOut(unsent, expected, is_complete=await is_called_complete(session, plan.period))
    unclaimed = list_unclaimed(rows, proof, claims, left_out, scope)
    came_out = CameOut(on_psa, unsent, failures, claims, unclaimed, receipts.find_rounded(desired))
    proven = await receipts.prove_scope(session, scope, came_out, proof.traits)
    has_arrived = not failures
    proven_rows = [each.row.desired for each in proof.proven.values() if each.row.desired]
    singles = tally_singles(map(DesiredAddition.model_validate, proven_rows))
    await receipts.store_receipt(session, run_id, plan_id, scope, proven, has_arrived=has_arrived, singles=singles)
    await keep_expected(session, run_id, proof, plan.period)
    run.receipt_id = run_id
    await runs.add_outcomes(session, run_id, count_outcomes(rows, proof, receipts.tally_unsent(proven)))
    await _note_failures(session, run_id, [failure for failure, _ in failures])
    await _note_twins(session, run_id, proof)
    await _publish_pushed(session, run_id, plan, rows, proof)


async def _record_additions(session: WriteSession, run_id: UUID, proof: Proof) -> None:
    """Writes were recorded as they happened. Left are differences, unchanged additions we did not know, and losses."""
    unchanged = [each for each in proof.proven.values() if each.row.kind not in WRITES]
    known = await additions.known_markers(session, [each.row.marker for each in unchanged])
    fresh = [each for each in unchanged if each.row.marker not in known]
    late = [each for each in proof.proven.values() if each.row.status in _NOT_RECORDED]
    await additions.resolve_creates(session, [each.row.marker for each in late], clock.now())
    changed = [*fresh, *late, *proof.differing]
    days = await find_next_invoices(session, {each.row.agreement_id for each in changed})
    found = [each.found for each in changed]
    await additions.record_found(session, run_id, [each for each in found if each is not None], days)
    for each in late:
        if each.row.desired is None:
            ended = additions.Ended(each.row.marker, each.addition.id, each.addition.values)
            await additions.record_end(session, run_id, ended, days.get(each.row.agreement_id))
    await additions.record_gone(session, [each.marker for each in _list_lost(proof)])


def _list_lost(proof: Proof) -> list[EndedAddition]:
    """Additions that are gone, and that no other addition has replaced under their marker."""
    return [
        EndedAddition(
            marker=each.marker,
            agreement_id=each.agreement_id,
            subscription_id=each.subscription_id,
            addition_id=each.addition_id,
            last_billed_day=None,
        )
        for each in proof.gone
        if not proof.states[each.agreement_id].carriers_of(each.marker)
    ]


def _list_ended(rows: Sequence[OperationRow], proof: Proof) -> list[EndedAddition]:
    """Additions that were given their last billed day. A twin that was ended is none: the other one goes on."""
    ended = []
    subscriptions = {each.marker: each.subscription_id for each in proof.written}
    for row in rows:
        read = proof.proven.get(row.id)
        if row.kind not in ENDS or read is None:
            continue
        state, ended_one = proof.states[row.agreement_id], read.addition.id
        if any(state.is_present(each) and each.id != ended_one for each in state.carriers_of(row.marker)):
            continue
        ended.append(
            EndedAddition(
                marker=row.marker,
                agreement_id=row.agreement_id,
                subscription_id=subscriptions.get(row.marker, ""),
                addition_id=read.addition.id,
                last_billed_day=read.addition.values.cancelled_date,
            )
        )
    return ended


def _on_psa(row: OperationRow, addition: Addition | None) -> OnPsa:
    """A line with what its addition bills as read back, or with what was invoiced for it where that is past."""
    desired = DesiredAddition.model_validate(row.desired)
    if addition is None or desired.billed_amount is not None:
        total = desired.for_its_line
    else:
        total = addition.values.total(desired.currency)
    return receipts.claim_rows(desired, total)


def _hold(row: OperationRow) -> UnsentLine:
    """A line whose new addition was taken back: no form of its amount is exact in the PSA."""
    desired = DesiredAddition.model_validate(row.desired)
    return UnsentLine(
        line_id=desired.line_id,
        invoice_id=desired.invoice_id,
        row_id=desired.row_id,
        organization_id=desired.organization_id,
        organization=desired.organization,
        currency=desired.currency,
        amount=desired.amount - desired.marked_up,
        status=LineStatus.HELD,
        reasons=[HoldReason.AMOUNT_NOT_REPRESENTABLE],
        subscription_id=desired.subscription_id,
        subscription=desired.subscription,
    )


def _failure(row: OperationRow, error: str) -> tuple[Failure, Sequence[RowKey]]:
    desired = DesiredAddition.model_validate(row.desired) if row.desired else None
    failure = Failure(
        line_id=row.line_id,
        organization_id=desired.organization_id if desired else "",
        organization=row.organization,
        agreement=row.agreement,
        addition_id=row.addition_id,
        currency=row.currency,
        amount=row.amount - (desired.marked_up if desired else 0),
        error=error,
    )
    return failure, receipts.keys_of(desired) if desired else []


def _find_trouble(expected: ExpectedAddition, proof: Proof) -> str:
    """Why nobody can say whether an addition that the plan only lists still bills; empty where it was read back."""
    state = proof.states.get(expected.agreement_id)
    return state.trouble if state else ""


def _unread(expected: ExpectedAddition, trouble: str) -> Failure:
    return Failure(
        line_id=None,
        organization_id=expected.organization_id,
        organization=expected.organization,
        agreement=expected.agreement,
        addition_id=expected.addition_id,
        currency=expected.currency,
        amount=expected.amount or Decimal(0),
        error=f"It was to be billed before its charge comes, and cannot be read back. {trouble}",
    )


async def _note_failures(session: WriteSession, run_id: UUID, failures: Sequence[Failure]) -> None:
    for each in failures[:MOST_NOTES]:
        title = f"Addition for {each.organization} failed"
        fact = TroubleNoted(level=LogLevel.ERROR, title=title, details=each.error, run_id=run_id)
        await bus.publish(session, fact, subject=f"run/{run_id}")


async def _note_twins(session: WriteSession, run_id: UUID, proof: Proof) -> None:
    for marker, carriers in sorted(proof.twins.items())[:MOST_NOTES]:
        details = f"Additions {name_twins(carriers)} carry {marker}. The next plan proposes to end all but one of them."
        title = "A charge would be billed twice"
        fact = TroubleNoted(level=LogLevel.ERROR, title=title, details=details, run_id=run_id)
        await bus.publish(session, fact, subject=f"run/{run_id}")


async def _publish_pushed(
    session: WriteSession, run_id: UUID, plan: PlanRow, rows: Sequence[OperationRow], proof: Proof
) -> None:
    pushed = [_pushed(row, proof) for row in rows if row.desired is not None]
    ended = [*_list_ended(rows, proof), *_list_lost(proof)]
    slices = chain(
        ((some, []) for some in cut_by_weight(pushed, lambda each: 1 + len(each.carries), MAX_ROWS_PER_CHUNK)),
        (([], ended[start : start + MAX_ROWS_PER_CHUNK]) for start in range(0, len(ended), MAX_ROWS_PER_CHUNK)),
    )
    for some, over in slices:
        part = await parts.take_part(session, run_id)
        fact = AdditionsPushed(
            run_id=run_id, plan_id=plan.id, part=part, period=plan.period, additions=some, ended=over
        )
        await bus.publish(session, fact, subject=f"run/{run_id}")


def _pushed(row: OperationRow, proof: Proof) -> PushedAddition:
    desired = DesiredAddition.model_validate(row.desired)
    outcome, read = proof.outcomes[row.id], proof.proven.get(row.id)
    held = read.addition.values if read else None
    return PushedAddition(
        marker=desired.marker,
        line_id=desired.line_id,
        line_version=desired.line_version,
        operation=OperationKind(row.kind),
        agreement_id=desired.agreement_id,
        addition_id=outcome.addition_id,
        amount=desired.amount,
        error=outcome.error,
        effective_date=held.effective_date if held else None,
        cancelled_date=held.cancelled_date if held else None,
        bills_from=desired.bills_from,
        bills_through=desired.bills_through,
        is_recurring=desired.is_recurring,
        is_frozen=desired.is_frozen,
        corrects=desired.corrects,
        carries=desired.carries,
        mended=_mended(row, desired, proof),
    )


def _mended(row: OperationRow, desired: DesiredAddition, proof: Proof) -> MendedAmount | None:
    if row.mending is None:
        return None
    return MendedAmount(
        quantity=desired.quantity,
        unit_price=desired.unit_price,
        price_decimals=proof.traits.price_decimals,
        quantity_decimals=proof.traits.quantity_decimals,
    )


async def finish_push(session: WriteSession, run_id: UUID) -> None:
    """Billing has marked the lines: the plan is applied. The run failed only when it could write nothing at all."""
    run = await run_rows.find_run(session, run_id)
    plan = await plans.lock_plan(session, run.plan_id) if run is not None and run.plan_id else None
    if run is None or plan is None:
        return
    plan.status = PlanStatus.APPLIED.value
    announce_after_commit(session, "plan", plan_service.describe(plan))
    failed = run.outcomes.get(FAILED, {}).get("count", 0)
    if failed and not set(run.outcomes) - WROTE_NOTHING:
        error = f"None of {failed} additions could be written. The receipt says why."
        await runs.finish_run(session, run_id, RunStatus.FAILED, error)
    else:
        await runs.finish_run(session, run_id, RunStatus.SUCCEEDED)
