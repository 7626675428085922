"""How a job that serves a run ends when something outside is wrong: the run says so, and the job is done.

Upstream trouble was retried inside already; what is left needs a person. Anything unforeseen leaves as
it is: the ledger tries the job again, and the run gives up after a while.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog

from services.contracts.vocabulary import RunStatus
from services.kit.base.errors import TieoutError
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync.runs import service
from services.sync.runs.models import RunRow
from services.sync.runs.saga import StageIsSealed

log = structlog.get_logger()


async def work_on_run(context: JobContext[Any], run_id: UUID, work: Callable[[RunRow], Awaitable[None]]) -> None:
    """Start the run, do the work, and fail the run with a sentence where an upstream or a setting stops it."""
    async with context.writing() as session:
        run = await service.start_run(session, run_id)
    if run is None:
        return
    try:
        await work(run)
    except (UpstreamError, TieoutError) as fault:
        log.warning("run failed", run_id=str(run_id), cause=str(fault))
        async with context.writing() as session:
            await service.finish_run(session, run_id, RunStatus.FAILED, explain(fault))
    except StageIsSealed:
        log.info("stage was over", run_id=str(run_id))


def explain(fault: UpstreamError | TieoutError) -> str:
    """What happened and what to do, for people."""
    if isinstance(fault, TieoutError):
        return f"{fault.detail} {fault.what_to_do}"
    sentence = str(fault)
    return f"{sentence[:1].upper()}{sentence[1:]}."
