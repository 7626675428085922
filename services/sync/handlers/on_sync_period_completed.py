"""A person said whether a month is complete: plans of it may ask about more, or less, than they did."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PeriodCompleted
from services.kit.base.db import WriteSession
from services.sync.plans import service


async def handle(session: WriteSession, envelope: Envelope[PeriodCompleted]) -> None:
    fact = envelope.data
    said = "is complete" if fact.is_complete else "is not complete any more"
    sentence = f"{envelope.actor.name} said that {fact.period} {said}."
    await service.note_change(session, sentence, envelope.sequence, fact.period)
