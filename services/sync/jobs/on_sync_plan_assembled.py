"""Everything that should exist is known: read what exists, and compute the difference."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PlanAssembled
from services.kit.ledger.work import JobContext
from services.sync.plans.compute import compute_plan
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[PlanAssembled]) -> None:
    await compute_plan(context, envelope.data.plan_id)
