"""Computing a plan: what has ended, fresh agreements, what should exist, and how that differs from what does."""

from uuid import UUID

from services.contracts.vocabulary import MirrorKind, RunKind
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.mirrors.service import refresh_mirrors
from services.sync.plans.compute import compute_plan
from services.sync.plans.service import fail_plan, note_invoicing, prepare_plan
from services.sync.plans.subscriptions import refresh_subscriptions
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflow
from services.sync.upstreams import Upstreams


async def read_subscriptions(context: JobContext[Upstreams], run: Run) -> None:
    """Which of them have ended; asked only where one could end an addition of ours."""
    await refresh_subscriptions(context, run.id)


async def read_agreements(context: JobContext[Upstreams], run: Run) -> None:
    """Billing resolves lines against agreements as they are now."""
    await refresh_mirrors(context, run.id, (MirrorKind.AGREEMENT,), note_invoicing)


async def ask_what_should_exist(context: JobContext[Upstreams], run: Run) -> None:
    """Billing answers in parts, which `plans.service.take_desired` keeps as they come."""
    async with context.writing() as session:
        await prepare_plan(session, plan_of(run))


async def take_difference(context: JobContext[Upstreams], run: Run) -> None:
    await compute_plan(context, plan_of(run))


async def give_up(session: WriteSession, run: Run, cause: str) -> str:
    await fail_plan(session, plan_of(run), cause)
    return cause


def plan_of(run: Run) -> UUID:
    if run.plan_id is None:
        raise LookupError(f"run {run.id} is about no plan")
    return run.plan_id


PLAN = Workflow(
    RunKind.PLAN,
    steps=(
        Step("subscriptions", read_subscriptions),
        Step("agreements", read_agreements),
        Step("desired", ask_what_should_exist),
        Step("difference", take_difference),
    ),
    on_failure=give_up,
    counts_steps=True,
)
