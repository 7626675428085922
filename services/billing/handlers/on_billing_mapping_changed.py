"""A person changed a mapping → lines that are not sent follow it."""

from services.billing.rating.service import follow_offers, follow_organizations
from services.contracts.envelope import Envelope
from services.contracts.events.billing import MappingChanged
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[MappingChanged]) -> None:
    fact = envelope.data
    follow = follow_offers if fact.mapping == "product" else follow_organizations
    await follow(session, [fact.external_id])
