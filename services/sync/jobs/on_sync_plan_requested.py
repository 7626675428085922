"""A plan was asked for: read agreements afresh, for billing to resolve lines against, and which subscriptions ended."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PlanRequested
from services.contracts.vocabulary import MirrorKind
from services.kit.base.errors import TieoutError
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync import stages
from services.sync.mirrors.service import refresh_mirrors
from services.sync.plans import service
from services.sync.plans.subscriptions import refresh_subscriptions
from services.sync.runs.guard import explain
from services.sync.runs.saga import SagaKind, Stage, StageIsSealed, open_stage
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[PlanRequested]) -> None:
    """Prepare the plan; where ConnectWise cannot be read, the plan fails with a sentence."""
    plan_id = envelope.data.plan_id
    try:
        async with context.writing() as session:
            await open_stage(session, plan_id, SagaKind.PLAN, Stage.MIRRORS)
        await refresh_mirrors(context, plan_id, (MirrorKind.AGREEMENT,))
        await refresh_subscriptions(context, plan_id)
    except (UpstreamError, TieoutError) as fault:
        async with context.writing() as session:
            await service.fail_plan(session, plan_id, explain(fault))
        return
    except StageIsSealed:
        return  # an earlier try of this job came this far
    async with context.writing() as session:
        await stages.seal(session, plan_id)
