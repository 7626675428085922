"""What the partner's PSA is like → kept for whoever rates lines."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import PsaDescribed
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[PsaDescribed]) -> None:
    """Nothing depends on the traits yet."""
