"""A plan is to be applied: check its ground, write what it says, prove it."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PushRequested
from services.kit.base.errors import TieoutError
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync.pushes import endings
from services.sync.pushes.push import push_plan
from services.sync.runs import service as runs
from services.sync.runs.guard import explain
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[PushRequested]) -> None:
    run_id, plan_id = envelope.data.run_id, envelope.data.plan_id
    async with context.writing() as session:
        if await runs.start_run(session, run_id) is None:
            await endings.release_plan(session, run_id, plan_id)
            return
    try:
        await push_plan(context, run_id, plan_id)
    except (UpstreamError, TieoutError) as fault:
        async with context.writing() as session:
            await endings.stop_push(session, run_id, plan_id, explain(fault))
