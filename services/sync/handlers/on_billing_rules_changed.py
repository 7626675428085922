"""New billing rules are in force: no plan is up to date."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import RulesChanged
from services.kit.base.db import WriteSession
from services.sync.plans import service


async def handle(session: WriteSession, envelope: Envelope[RulesChanged]) -> None:
    sentence = f"{envelope.actor.name} saved version {envelope.data.version} of the billing rules."
    await service.note_change(session, sentence, envelope.sequence)
