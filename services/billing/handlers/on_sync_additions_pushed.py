"""What became of pushed additions → lines sent, failed or free again; the push learns that they are marked."""

from services.billing.desired.marking import mark_ended, mark_pushed
from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesSettled
from services.contracts.events.sync import AdditionsPushed
from services.kit.base.db import WriteSession
from services.kit.ledger.bus import publish


async def handle(session: WriteSession, envelope: Envelope[AdditionsPushed]) -> None:
    fact = envelope.data
    await mark_ended(session, fact.ended)
    await mark_pushed(session, fact.additions)
    await publish(session, LinesSettled(run_id=fact.run_id, part=fact.part), subject=f"run/{fact.run_id}")
