"""A plan has fresh agreements → the additions that should exist in its scope, and the lines that stay behind."""

from services.billing.desired.plan import answer_plan
from services.contracts.envelope import Envelope
from services.contracts.events.sync import PlanPrepared
from services.contracts.shapes import PlanScope
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[PlanPrepared]) -> None:
    fact = envelope.data
    await answer_plan(session, fact.plan_id, fact.scope or PlanScope(period=fact.period))
