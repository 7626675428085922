"""Billing has taken in one part of a mirror: count it for the run or plan that sent it."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import MirrorTaken
from services.kit.db import WriteSession
from services.sync import stages
from services.sync.runs.saga import Stage


async def handle(session: WriteSession, envelope: Envelope[MirrorTaken]) -> None:
    taken = envelope.data
    await stages.acknowledge(session, taken.run_id, Stage.MIRRORS, taken.part)
