"""Billing has marked one part of a push's lines; the last one ends the run."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesSettled
from services.kit.base.db import WriteSession
from services.sync.runs import parts


async def handle(session: WriteSession, envelope: Envelope[LinesSettled]) -> None:
    fact = envelope.data
    await parts.acknowledge(session, fact.run_id, fact.part)
