"""The life of a plan: requested, prepared, assembled, computed; stale as soon as its lines change."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from services.contracts.events.billing import AdditionsDesired
from services.contracts.events.sync import PlanComputed, PlanPrepared
from services.contracts.shapes import PlanScope, Tally
from services.contracts.vocabulary import DecisionChoice, OperationKind, PlanStatus, RunKind, UndecidedCause
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger import bus
from services.kit.ledger.live import announce_after_commit
from services.sync.additions.values import find_changes
from services.sync.connections.service import require_connections
from services.sync.plans import repository
from services.sync.plans.errors import (
    PlanIsAlreadyApplied,
    PlanIsNotReady,
    PlanIsStale,
    PlanNotFound,
)
from services.sync.plans.ground import shorten
from services.sync.plans.models import ClosingRow, DesiredRow, OperationRow, PlanRow, UnsentRow
from services.sync.plans.schemas import (
    NOTHING_BY_HAND,
    ByHandSummary,
    OperationOut,
    OperationStatus,
    PlanOut,
    PlanSummary,
)
from services.sync.psas.addition import AdditionValues
from services.sync.runs import engine, parts
from services.sync.runs import service as runs
from services.sync.runs.schemas import RunOut


def describe(plan: PlanRow) -> PlanOut:
    return PlanOut(
        id=plan.id,
        period=plan.period,
        scope=PlanScope.model_validate(plan.scope),
        status=PlanStatus(plan.status),
        summary=PlanSummary(**plan.summary),
        amounts=plan.amounts,  # type: ignore[arg-type]  # decimal strings, which the model reads
        marked_up=plan.marked_up or {},  # type: ignore[arg-type]  # likewise
        unsent=Tally.model_validate(plan.unsent or {"count": 0}),
        dropped=Tally.model_validate(plan.dropped or {"count": 0}),
        by_hand=ByHandSummary.model_validate(plan.by_hand) if plan.by_hand else NOTHING_BY_HAND,
        singles=Tally.model_validate(plan.singles) if plan.singles else None,
        calls_needed=plan.calls_needed,
        error=plan.error,
        moved=plan.moved,
        invoices_unread=plan.invoices_unread or "",
        requested_by=plan.requested_by,
        created_at=plan.created_at,
        computed_at=plan.computed_at,
        computing_run_id=plan.computing_run_id,
        run_id=plan.run_id,
    )


def describe_operation(row: OperationRow) -> OperationOut:
    desired: dict[str, Any] = row.desired or {}  # what gathers lines is on no invoice of its own
    before = AdditionValues.model_validate(row.before) if row.before else None
    after = AdditionValues.model_validate(row.after) if row.after else None
    return OperationOut(
        id=row.id,
        kind=OperationKind(row.kind),
        organization=row.organization,
        company=row.company,
        agreement=row.agreement,
        agreement_id=row.agreement_id,
        addition_id=row.addition_id,
        product=row.product,
        subscription=row.subscription,
        currency=row.currency,
        amount=row.amount,
        charged=desired.get("charged"),
        line_id=row.line_id if desired.get("invoice_id", "-") else None,
        carries=desired.get("carries", []),
        before=row.before or {},
        after=row.after or {},
        changes=find_changes(before, after) if after else [],
        explanation=row.explanation,
        warnings=row.warnings,
        cause=UndecidedCause(row.cause) if row.cause else None,
        choice=DecisionChoice(row.choice) if row.choice else None,
        choice_reason=row.choice_reason,
        keep_until=row.keep_until,
        decided_by=row.decided_by,
        will_bill=row.will_bill,
        ending=row.ending or {},
        status=OperationStatus(row.status),
        error=row.error,
    )


async def show_plan(session: ReadSession, plan_id: UUID) -> PlanOut:
    plan = await repository.find_plan(session, plan_id)
    if plan is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    return describe(plan)


async def request_plan(session: WriteSession, scope: PlanScope) -> PlanOut:
    """A new plan for a scope, or the one that is being computed for it already."""
    await require_connections(session)
    key = key_of(scope)
    plan_id = new_id()
    if not await repository.add_computing_plan(session, plan_id, scope, key):
        running = await repository.find_computing_plan(session, key)
        if running is not None:
            return describe(running)
    run = await engine.start(session, RunKind.PLAN, [scope.period], plan_id)
    plan = await repository.lock_plan(session, plan_id)
    if plan is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    plan.computing_run_id = run.id
    announce_after_commit(session, "plan", describe(plan))
    return describe(plan)


def key_of(scope: PlanScope) -> str:
    """Equal for equal scopes, in whatever order their parts are named: the period, and a hash of what narrows it."""
    if scope.is_whole_period:
        return scope.period
    parts = (
        sorted(scope.organization_ids),
        sorted(scope.agreement_ids),
        sorted(str(each) for each in scope.line_ids),
        scope.subscription_id,
    )
    return f"{scope.period}/{blake2b(orjson.dumps(parts), digest_size=16).hexdigest()}"


async def prepare_plan(session: WriteSession, plan_id: UUID) -> None:
    """Billing holds fresh agreements: ask it which additions should exist."""
    asked_for = await repository.find_plan(session, plan_id)
    if asked_for is None or asked_for.computing_run_id is None:
        return
    await parts.expect_answer(session, asked_for.computing_run_id)  # locks the run; its plan is always locked after it
    plan = await repository.lock_plan(session, plan_id)
    if plan is None or plan.status != PlanStatus.COMPUTING.value or plan.prepared_sequence is not None:
        return
    fact = PlanPrepared(plan_id=plan_id, period=plan.period, scope=PlanScope.model_validate(plan.scope))
    event_id = await bus.publish(session, fact, subject=f"plan/{plan_id}")
    plan.prepared_sequence = await repository.sequence_of(session, event_id)


async def take_desired(session: WriteSession, fact: AdditionsDesired) -> None:
    """Keep one part of what should exist; parts come in whatever order, and the run goes on after the last."""
    plan = await repository.find_plan(session, fact.plan_id)
    if plan is None or plan.status != PlanStatus.COMPUTING.value or plan.computing_run_id is None:
        return
    if not await parts.take_answer(session, plan.computing_run_id, fact.chunk.index, fact.chunk.count):
        return
    desired: list[dict[str, Any]] = [
        {
            "line_id": each.line_id,
            "marker": each.marker,
            "agreement_id": each.agreement_id,
            "addition": each.model_dump(mode="json"),
        }
        for each in fact.additions
    ]
    await repository.add_rows(session, DesiredRow, plan.id, desired)
    unsent = [{"line_id": each.line_id, "line": each.model_dump(mode="json")} for each in fact.unsent]
    await repository.add_rows(session, UnsentRow, plan.id, unsent)
    closings = [
        {"marker": each.marker, "agreement_id": each.agreement_id, "closing": each.model_dump(mode="json")}
        for each in fact.closings
    ]
    await repository.add_rows(session, ClosingRow, plan.id, closings)
    plan.first_period = fact.first_period
    if fact.when_undecided:
        plan.when_undecided = {cause.value: rule.value for cause, rule in fact.when_undecided.items()}


async def note_change(session: WriteSession, sentence: str, sequence: int, period: str | None = None) -> None:
    """Mark unapplied plans of `period` (all if None) as stale, unless they asked for their lines after the change.

    Args:
        sequence: of the event that tells the change.
    """
    for plan in await repository.list_unapplied(session, period):
        if plan.prepared_sequence is None or sequence < plan.prepared_sequence:
            continue
        if sentence not in plan.moved:
            plan.moved = shorten([*plan.moved, sentence])
        if plan.status == PlanStatus.READY.value:
            plan.status = PlanStatus.STALE.value
        announce_after_commit(session, "plan", describe(plan))


async def note_twins(session: WriteSession, agreement_id: str, addition_ids: Sequence[str], sentence: str) -> None:
    """Twins were found on an agreement: plans that looked at it and do not mend that are stale."""
    for plan in await repository.list_unaware_of_twins(session, agreement_id, addition_ids):
        plan.status, plan.moved = PlanStatus.STALE.value, shorten([*plan.moved, sentence])
        announce_after_commit(session, "plan", describe(plan))


async def note_invoicing(session: WriteSession, moved: Mapping[str, Sequence[str]]) -> None:
    """Periods of some agreements were reopened or written off: plans that looked at these agreements are stale."""
    if not moved:
        return
    for plan, agreement_id in await repository.list_ready_about(session, moved):
        plan.status, plan.moved = PlanStatus.STALE.value, shorten([*plan.moved, *moved[agreement_id]])
        announce_after_commit(session, "plan", describe(plan))


async def fail_plan(session: WriteSession, plan_id: UUID, error: str) -> None:
    """A plan that cannot be computed says why; nothing was written anywhere."""
    plan = await repository.lock_plan(session, plan_id)
    if plan is None or plan.status != PlanStatus.COMPUTING.value:
        return
    plan.status, plan.error, plan.computed_at = PlanStatus.FAILED.value, error, clock.now()
    await publish_computed(session, plan)


async def publish_computed(session: WriteSession, plan: PlanRow) -> None:
    fact = PlanComputed(plan_id=plan.id, period=plan.period, summary=plan.summary, error=plan.error)
    await bus.publish(session, fact, subject=f"plan/{plan.id}")
    await session.flush()
    announce_after_commit(session, "plan", describe(plan))


async def apply_plan(session: WriteSession, plan_id: UUID) -> RunOut:
    """Queue the push of a plan that is ready and untouched."""
    plan = await repository.lock_plan(session, plan_id)
    if plan is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    require_applicable(plan)
    run = await engine.start(session, RunKind.PUSH, [plan.period], plan.id)
    plan.run_id = run.id
    announce_after_commit(session, "plan", describe(plan))
    return runs.describe(run)


def require_applicable(plan: PlanRow) -> None:
    """Refuse a plan that is not ready, not as it was, or applied already."""
    status = PlanStatus(plan.status)
    if status is PlanStatus.STALE:
        raise PlanIsStale(f"The plan is stale: {' '.join(plan.moved)}")
    if status is PlanStatus.APPLIED or plan.run_id is not None:
        raise PlanIsAlreadyApplied(f"The plan is applied by run {plan.run_id}.")
    if status is not PlanStatus.READY:
        raise PlanIsNotReady(f"The plan is {status.value}. {plan.error}".strip())
