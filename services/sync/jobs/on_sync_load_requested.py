"""Somebody asked for the invoices of some months: first billing needs fresh mirrors of both sides."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import LoadRequested
from services.kit.ledger.work import JobContext
from services.sync import stages
from services.sync.mirrors.service import TOLD_KINDS, refresh_mirrors
from services.sync.runs import saga
from services.sync.runs.guard import work_on_run
from services.sync.runs.models import RunRow
from services.sync.runs.saga import SagaKind, Stage
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[LoadRequested]) -> None:
    run_id = envelope.data.run_id

    async def refresh(_run: RunRow) -> None:
        async with context.writing() as session:
            await saga.open_stage(session, run_id, SagaKind.LOAD, Stage.MIRRORS)
        await refresh_mirrors(context, run_id, TOLD_KINDS)
        async with context.writing() as session:
            await stages.seal(session, run_id)

    await work_on_run(context, run_id, refresh)
