"""A person changed a line: plans of its period no longer say what would happen."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import LineEdited
from services.kit.base.db import WriteSession
from services.sync.plans import service


async def handle(session: WriteSession, envelope: Envelope[LineEdited]) -> None:
    fact = envelope.data
    fields = ", ".join(change.field.replace("_", " ") for change in fact.changes) or "a value"
    sentence = f"{envelope.actor.name} changed {fields} of a line."
    await service.note_change(session, sentence, envelope.sequence, fact.period)
