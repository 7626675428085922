"""Billing has made lines of one part of a load: count it, and add what became of its rows."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesRated
from services.kit.db import WriteSession
from services.sync import stages
from services.sync.runs.saga import Stage


async def handle(session: WriteSession, envelope: Envelope[LinesRated]) -> None:
    rated = envelope.data
    await stages.acknowledge(session, rated.run_id, Stage.ROWS, rated.part, rated.outcomes)
