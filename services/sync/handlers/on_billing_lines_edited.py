"""A person changed many lines: plans of their periods no longer say what would happen."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesEdited
from services.kit.base.db import WriteSession
from services.sync.plans import service


async def handle(session: WriteSession, envelope: Envelope[LinesEdited]) -> None:
    fact = envelope.data
    verb = "took back a change of" if fact.is_undo else "changed"
    sentence = f"{envelope.actor.name} {verb} {fact.lines} lines at once."
    for period in fact.periods:
        await service.note_change(session, sentence, envelope.sequence, period)
