"""A person changed a mapping: lines not yet sent follow it, so no plan is up to date."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import MappingChanged
from services.kit.base.db import WriteSession
from services.sync.plans import service


async def handle(session: WriteSession, envelope: Envelope[MappingChanged]) -> None:
    fact = envelope.data
    sentence = f"{envelope.actor.name} changed the mapping of {fact.mapping} {fact.name}."
    await service.note_change(session, sentence, envelope.sequence)
