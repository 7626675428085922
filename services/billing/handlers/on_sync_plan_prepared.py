"""A plan has fresh agreements → the additions that should exist, and the lines that stay behind."""

from services.billing.desired.plan import answer_plan
from services.contracts.envelope import Envelope
from services.contracts.events.sync import PlanPrepared
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[PlanPrepared]) -> None:
    await answer_plan(session, envelope.data.plan_id, envelope.data.period)
