"""What people decide about additions that bill without a charge: end, keep, or later.

A decision changes the operation of its plan at once, is kept for later plans, and is published for the audit trail.
Until the plan is applied it can be changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.contracts.events.sync import AdditionDecided
from services.contracts.vocabulary import DecisionChoice, OperationKind, UndecidedCause
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.kit.ledger.live import announce_after_commit
from services.sync.additions import repository as additions
from services.sync.plans import repository
from services.sync.plans.errors import KeptUntilThePast, OperationIsNotUndecided, PlanNotFound
from services.sync.plans.models import OperationRow, PlanRow
from services.sync.plans.schemas import WRITES, DecisionIn, PlanOut
from services.sync.plans.service import describe, require_applicable


async def decide(session: WriteSession, plan_id: UUID, decisions: Sequence[DecisionIn]) -> PlanOut:
    """Take decisions about undecided operations of a plan that is ready; all of them or none."""
    plan = await repository.lock_plan(session, plan_id)
    if plan is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    require_applicable(plan)
    asked = {each.operation_id: each for each in decisions}
    rows = await repository.lock_operations(session, plan_id, asked)
    _check(decisions, rows)
    for row in rows:
        _change(row, asked[row.id], session.circumstances.actor.name)
    await session.flush()
    await _keep(session, plan, rows)
    for row in rows:
        await bus.publish(session, _as_fact(plan, row), subject=f"plan/{plan_id}")
    await _count_again(session, plan)
    announce_after_commit(session, "plan", describe(plan))
    return describe(plan)


def _check(decisions: Sequence[DecisionIn], rows: Sequence[OperationRow]) -> None:
    undecided = {row.id for row in rows if row.cause is not None}
    for each in decisions:
        if each.operation_id not in undecided:
            raise OperationIsNotUndecided(f"Operation {each.operation_id} of this plan asks nothing.")
        if each.until is not None and each.until < clock.today():
            raise KeptUntilThePast(f"{each.until} is over.")
    if len(undecided) < len(decisions):
        raise OperationIsNotUndecided("One operation is decided about twice.")


def _change(row: OperationRow, decision: DecisionIn, actor: str) -> None:
    """To end it makes the operation a write; anything else takes that back."""
    ends = decision.choice is DecisionChoice.END
    row.kind = (OperationKind.CLOSE if ends else OperationKind.UNDECIDED).value
    row.after = row.ending if ends else row.before
    row.choice, row.choice_reason = decision.choice.value, decision.reason
    row.keep_until, row.decided_by = decision.until, actor


async def _keep(session: WriteSession, plan: PlanRow, rows: Sequence[OperationRow]) -> None:
    written = await additions.list_written(session, {row.agreement_id for row in rows})
    charged = {each.marker: each.charged_through for each in written}
    decided_at = clock.now()
    kept: list[dict[str, Any]] = [
        {
            "marker": row.marker,
            "choice": row.choice,
            "reason": row.choice_reason,
            "until": row.keep_until,
            "charged_through": charged.get(row.marker),
            "decided_by": row.decided_by,
            "decided_at": decided_at,
            "plan_id": plan.id,
        }
        for row in rows
    ]
    await repository.keep_decisions(session, kept)


def _as_fact(plan: PlanRow, row: OperationRow) -> AdditionDecided:
    return AdditionDecided(
        plan_id=plan.id,
        period=plan.period,
        marker=row.marker,
        agreement_id=row.agreement_id,
        addition_id=row.addition_id or "",
        cause=UndecidedCause(row.cause or ""),
        choice=DecisionChoice(row.choice or ""),
        reason=row.choice_reason,
        until=row.keep_until,
        organization=row.organization,
        agreement=row.agreement,
        subscription=row.subscription,
        currency=row.currency,
        will_bill=row.will_bill,
    )


async def _count_again(session: WriteSession, plan: PlanRow) -> None:
    """The summary, and the calls that applying takes: one for each write."""
    before = _count_writes(plan.summary)
    counted = await repository.count_kinds(session, plan.id)
    plan.summary = {kind.value: counted.get(kind.value, 0) for kind in OperationKind}
    plan.calls_needed += _count_writes(plan.summary) - before
    await session.flush()


def _count_writes(summary: Mapping[str, int]) -> int:
    return sum(summary.get(kind.value, 0) for kind in WRITES)
