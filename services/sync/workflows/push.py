"""Applying a plan: is its ground as it was, write what it says, read it back and prove it; billing marks the lines."""

from services.contracts.vocabulary import RunKind
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.pushes.endings import finish_push, stop_push
from services.sync.pushes.prove import describe_again, prove_writes
from services.sync.pushes.push import check_ground, write_operations
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflow
from services.sync.upstreams import Upstreams
from services.sync.workflows.plan import plan_of


async def look_at_the_ground(context: JobContext[Upstreams], run: Run) -> None:
    """What people changed since the plan was computed refuses it before anything is written."""
    await check_ground(context, run.id, plan_of(run))


async def write(context: JobContext[Upstreams], run: Run) -> None:
    """Every write is journalled before it leaves, so a repeated try looks for it before it sends anything again."""
    await write_operations(context, run.id, plan_of(run))


async def prove(context: JobContext[Upstreams], run: Run) -> None:
    """Read back, tie out, keep the receipt, and publish what became of each line; billing acknowledges every part."""
    await prove_writes(context, run.id, plan_of(run))


async def describe(context: JobContext[Upstreams], _run: Run) -> None:
    """Say what the push has learned of the PSA; billing rates what it has not sent again."""
    await describe_again(context)


async def end(session: WriteSession, run: Run) -> None:
    await finish_push(session, run.id)


async def stop(session: WriteSession, run: Run, cause: str) -> str:
    return await stop_push(session, run.id, plan_of(run), cause)


PUSH = Workflow(
    RunKind.PUSH,
    steps=(Step("ground", look_at_the_ground), Step("writes", write), Step("proof", prove), Step("traits", describe)),
    on_success=end,
    on_failure=stop,
)
