"""Billing has marked one part of a push's lines; the last one ends the run."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesSettled
from services.kit.base.db import WriteSession
from services.sync import stages
from services.sync.runs.saga import Stage


async def handle(session: WriteSession, envelope: Envelope[LinesSettled]) -> None:
    fact = envelope.data
    await stages.acknowledge(session, fact.run_id, Stage.ADDITIONS, fact.part)
