"""Asking AppXite, before a plan is computed, which subscriptions have ended."""

from uuid import UUID

from services.contracts.events.sync import TroubleNoted
from services.contracts.vocabulary import LogLevel, MirrorKind
from services.kit.base.errors import TieoutError
from services.kit.ledger import bus
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamError
from services.sync.additions import repository as additions
from services.sync.mirrors.service import refresh_mirrors
from services.sync.runs.failure import explain
from services.sync.upstreams import Upstreams


async def refresh_subscriptions(context: JobContext[Upstreams], run_id: UUID) -> None:
    """Read them, if any could end an addition of ours; where AppXite is away, the plan goes by what it last said."""
    async with context.reading() as session:
        if not await additions.has_endable(session):
            return
    try:
        await refresh_mirrors(context, run_id, (MirrorKind.SUBSCRIPTION,))
    except (UpstreamError, TieoutError) as fault:
        trouble = TroubleNoted(
            level=LogLevel.WARNING,
            title="Subscriptions could not be read",
            details=f"{explain(fault)} Which of them have ended, the plan takes from what AppXite said before.",
            run_id=run_id,
        )
        async with context.writing() as session:
            await bus.publish(session, trouble, subject=f"run/{run_id}")
