"""How a push ends once billing has marked its lines."""

from uuid import UUID

from services.contracts.vocabulary import PlanStatus, RunStatus
from services.kit.base.db import WriteSession
from services.kit.ledger.live import announce_after_commit
from services.sync.plans import repository as plans
from services.sync.plans import service as plan_service
from services.sync.runs import repository, service

FAILED = "failed"
WROTE_NOTHING = frozenset({FAILED, "unsent", "unchanged"})
"""Outcomes that changed nothing in ConnectWise; the others did."""


async def finish_push(session: WriteSession, run_id: UUID) -> None:
    """The plan is applied, and the run is over. It failed only when it was to write and could write nothing."""
    run = await repository.find_run(session, run_id)
    plan = await plans.lock_plan(session, run.plan_id) if run is not None and run.plan_id else None
    if run is None or plan is None:
        return
    plan.status = PlanStatus.APPLIED.value
    announce_after_commit(session, "plan", plan_service.describe(plan))
    failed = run.outcomes.get(FAILED, {}).get("count", 0)
    if failed and not set(run.outcomes) - WROTE_NOTHING:
        error = f"None of {failed} additions could be written. The receipt says why."
        await service.finish_run(session, run_id, RunStatus.FAILED, error)
    else:
        await service.finish_run(session, run_id, RunStatus.SUCCEEDED)
