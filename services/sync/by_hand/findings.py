"""Stores what a plan found of additions made by hand, and publishes it for billing."""

from collections.abc import Sequence
from uuid import UUID

from services.contracts.envelope import MAX_ROWS_PER_CHUNK
from services.contracts.events.sync import HandBillingNoted
from services.contracts.shapes import HandBilled
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.sync.by_hand import repository
from services.sync.by_hand.settle import ByHandFindings
from services.sync.plans.models import PlanRow


async def store_by_hand(session: WriteSession, plan: PlanRow, found: ByHandFindings) -> None:
    """What is billed by hand is so from now on, whether or not anybody applies the plan."""
    await repository.replace_unsent(session, plan.id, found.unsent)
    await repository.keep_hand_decisions(session, plan.id, found.decisions)
    await repository.forget_questions(session, found.forgotten)
    rows = [
        {
            "position": place,
            "line_id": each.line_id,
            "state": each.state.value if each.state else "",
            "entry": each.model_dump(mode="json"),
        }
        for place, each in enumerate(found.entries)
    ]
    await repository.add_entries(session, plan.id, rows)
    await publish_noted(session, plan.id, plan.period, found.noted, is_decided=False)


async def publish_noted(
    session: WriteSession, plan_id: UUID, period: str, noted: Sequence[HandBilled], *, is_decided: bool
) -> None:
    for start in range(0, len(noted), MAX_ROWS_PER_CHUNK):
        some = list(noted[start : start + MAX_ROWS_PER_CHUNK])
        fact = HandBillingNoted(plan_id=plan_id, period=period, lines=some, is_decided=is_decided)
        await bus.publish(session, fact, subject=f"plan/{plan_id}")
