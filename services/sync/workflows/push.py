"""Applying a plan: write what it says, read it back, keep the receipt; billing marks the lines that arrived."""

from services.contracts.vocabulary import RunKind
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.pushes.endings import stop_push
from services.sync.pushes.push import push_plan
from services.sync.pushes.stages import finish_push
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflow
from services.sync.upstreams import Upstreams
from services.sync.workflows.plan import plan_of


async def write_and_prove(context: JobContext[Upstreams], run: Run) -> None:
    """Every write is journalled before it leaves, so a repeated try looks for it before it sends anything again."""
    await push_plan(context, run.id, plan_of(run))


async def end(session: WriteSession, run: Run) -> None:
    await finish_push(session, run.id)


async def stop(session: WriteSession, run: Run, cause: str) -> str:
    return await stop_push(session, run.id, plan_of(run), cause)


PUSH = Workflow(RunKind.PUSH, steps=(Step("additions", write_and_prove),), on_success=end, on_failure=stop)
