"""The engine of long jobs: takes a run from step to step, and ends it when its steps are done, fail or stall.

What other rooms call:

- `start(session, kind, periods, plan_id)` queues a run in the caller's transaction;
- `parts.take_parts` numbers what a step publishes; `parts.acknowledge` counts billing's answers to it;
- `parts.expect_answer` and `parts.take_answer` count an answer whose length billing decides;
- `parts.lock_step` locks the run and its step, and gives the step's checkpoint to a step that is repeated;
- `service.note_progress`, `service.add_outcomes` and `service.finish_run` say how far a run is.

Each step is a job of its own: whoever completes a step orders the next in the same transaction, so a job that is
repeated finds its step sealed and does nothing. Upstream trouble was retried inside a step already; what is left
needs a person, and ends the run with a sentence. Other exceptions propagate: the ledger retries the job, and after
MAX_ATTEMPTS the run fails. A run whose parts billing no longer acknowledges fails after `parts.PATIENCE`.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from services.contracts.events.sync import RunStarted
from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.base.errors import TieoutError
from services.kit.ledger import bus
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync.runs import parts, repository, service
from services.sync.runs.failure import explain
from services.sync.runs.jobs import AdvanceRun, WatchRun, order_step, order_watch
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflows

log = structlog.get_logger()

MAX_ATTEMPTS = 8  # of one step; the ledger would go on to 12, but people deserve an answer before


async def start(session: WriteSession, kind: RunKind, periods: Sequence[str] = (), plan_id: UUID | None = None) -> Run:
    """Queue a run in the name of whoever asks."""
    run = await service.create_run(session, kind, periods, plan_id)
    started = RunStarted(run_id=run.id, kind=kind, periods=list(periods), plan_id=plan_id)
    event_id = await bus.publish(session, started, subject=f"run/{run.id}")
    await order_step(session, run.id, causation_id=event_id)
    return run


async def start_unless_running(session: WriteSession, kind: RunKind) -> Run:
    """The run of this kind that has not ended, whoever asked for it; a new one where there is none."""
    for unfinished in await repository.list_unfinished(session, kind):
        return unfinished
    return await start(session, kind)


async def advance(context: JobContext[Any], job: AdvanceRun, workflows: Workflows) -> None:
    """Do the step that the job asks for; after the last one, end the run."""
    async with context.writing() as session:
        entered = await _enter(session, job, workflows)
    if entered is None:
        return
    run, step = entered
    try:
        await step.do(context, run)
        async with context.writing() as session:
            await parts.seal(session, run.id, step.name)
    except (UpstreamError, TieoutError) as fault:
        log.warning("run failed", run_id=str(run.id), step=step.name, cause=str(fault))
        async with context.writing() as session:
            await _fail(session, run.id, workflows, explain(fault))
    except parts.RunIsOver:
        log.info("run was ended meanwhile", run_id=str(run.id), step=step.name)


async def _enter(session: WriteSession, job: AdvanceRun, workflows: Workflows) -> tuple[Run, Step] | None:
    """Begin the step, or find it begun by a try that died; None when there is nothing to do."""
    run = await repository.lock_run(session, job.run_id)
    if run is None or service.is_over(run):
        return None
    workflow = workflows[RunKind(run.kind)]
    number, step = workflow.step_after(job.after)
    begun = await repository.find_step(session, run.id, step.name)
    if begun is not None and begun.is_sealed:
        return None
    if begun is None:
        await repository.add_step(session, run, step.name)
        run.step, run.attempts = step.name, 0
        if workflow.counts_steps:
            run.done, run.total = number, len(workflow.steps)
    run.attempts += 1
    if run.attempts > MAX_ATTEMPTS:
        await _fail(session, run.id, workflows, f"Given up after {MAX_ATTEMPTS} tries.")
        return None
    service.note_start(session, run)
    return run, step


async def watch(context: JobContext[Any], job: WatchRun, workflows: Workflows) -> None:
    """Fail a run that waits for billing in vain; look again later while billing goes on answering."""
    async with context.writing() as session:
        run = await repository.lock_run(session, job.run_id)
        step = await repository.find_step(session, job.run_id, job.step)
        if run is None or step is None or service.is_over(run) or run.step != job.step or step.is_complete:
            return
        waited = clock.now() - (step.acknowledged_at or step.started_at)
        if waited < parts.PATIENCE:
            await order_watch(session, run.id, job.step, parts.PATIENCE - waited)
            return
        minutes = int(parts.PATIENCE.total_seconds() // 60)
        cause = (
            f"Billing has answered nothing for {minutes} minutes. See under System Logs what was not taken in, "
            "then start it again."
        )
        await _fail(session, run.id, workflows, cause)


async def _fail(session: WriteSession, run_id: UUID, workflows: Workflows, cause: str) -> None:
    """End a run with a sentence, and undo what its kind has to undo."""
    run = await repository.lock_run(session, run_id)
    if run is None or service.is_over(run):
        return
    sentence = await workflows[RunKind(run.kind)].on_failure(session, run, cause)
    await service.finish_run(session, run_id, RunStatus.FAILED, sentence)
