"""A plan is to be applied: check its ground, write what it says, prove it."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PushRequested
from services.kit.ledger.work import JobContext
from services.sync.pushes.push import push_plan
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[PushRequested]) -> None:
    await push_plan(context, envelope.data.run_id, envelope.data.plan_id)
