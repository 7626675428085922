"""Everything that should exist is known: read what exists, and compute the difference."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PlanAssembled
from services.kit.base.errors import TieoutError
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync.plans import service
from services.sync.plans.compute import compute_plan
from services.sync.runs.guard import explain
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[PlanAssembled]) -> None:
    try:
        await compute_plan(context, envelope.data.plan_id)
    except (UpstreamError, TieoutError) as fault:
        async with context.writing() as session:
            await service.fail_plan(session, envelope.data.plan_id, explain(fault))
