"""Billing says which additions should exist for a plan: keep each part, go on when all are there."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import AdditionsDesired
from services.kit.base.db import WriteSession
from services.sync.plans import service


async def handle(session: WriteSession, envelope: Envelope[AdditionsDesired]) -> None:
    await service.take_desired(session, envelope.data)
