"""Every long job, a file each: its steps in order. This table is what the worker serves as consumer `sync.runs`."""

from typing import Any

from services.kit.ledger.work import JobContext, Jobs
from services.sync.runs import engine
from services.sync.runs.jobs import AdvanceRun, WatchRun
from services.sync.runs.workflow import Workflows
from services.sync.workflows.examination import EXAMINATION
from services.sync.workflows.load import LOAD
from services.sync.workflows.mirror import MIRROR
from services.sync.workflows.plan import PLAN
from services.sync.workflows.push import PUSH

WORKFLOWS: Workflows = {each.kind: each for each in (MIRROR, LOAD, PLAN, PUSH, EXAMINATION)}


async def _advance(context: JobContext[Any], job: AdvanceRun) -> None:
    await engine.advance(context, job, WORKFLOWS)


async def _watch(context: JobContext[Any], job: WatchRun) -> None:
    await engine.watch(context, job, WORKFLOWS)


JOBS: Jobs = {AdvanceRun: _advance, WatchRun: _watch}
