"""Additions made by hand were compared with charges, or a person decided → the lines concerned."""

from services.billing.desired.by_hand import take_hand_billing
from services.contracts.envelope import Envelope
from services.contracts.events.sync import HandBillingNoted
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[HandBillingNoted]) -> None:
    await take_hand_billing(session, envelope.data.lines)
