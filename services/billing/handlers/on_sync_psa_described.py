"""What the partner's PSA is like → kept for rating.

Lines that are not sent are rated again, so that the grid shows at once how they would go out. What was sent stays as
it was sent: it is the same money.
"""

from services.billing.mirrors import repository as mirrors
from services.billing.rating.service import follow_psa
from services.contracts.envelope import Envelope
from services.contracts.events.sync import PsaDescribed
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[PsaDescribed]) -> None:
    before = await mirrors.find_traits(session)
    await mirrors.save_traits(session, session.circumstances.partner_id, envelope.data.traits, envelope.sequence)
    if await mirrors.find_traits(session) != before:
        await follow_psa(session)
