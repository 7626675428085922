"""What the partner's PSA is like → kept for rating.

Nothing is rated again here: every load and every plan rates the lines that are not sent yet, so they take the
new traits before anything leaves. Until then the grid shows what the former traits made of them.
"""

from services.billing.mirrors import repository as mirrors
from services.contracts.envelope import Envelope
from services.contracts.events.sync import PsaDescribed
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[PsaDescribed]) -> None:
    await mirrors.save_traits(session, session.circumstances.partner_id, envelope.data.traits, envelope.sequence)
