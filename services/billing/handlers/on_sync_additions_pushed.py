"""What became of pushed additions → lines sent or held with the error; the push learns that they are settled."""

from services.billing.desired.marking import mark_lines
from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesSettled
from services.contracts.events.sync import AdditionsPushed
from services.kit.base.db import WriteSession
from services.kit.ledger.bus import publish


async def handle(session: WriteSession, envelope: Envelope[AdditionsPushed]) -> None:
    fact = envelope.data
    await mark_lines(session, fact.additions)
    await publish(session, LinesSettled(run_id=fact.run_id, part=fact.part), subject=f"run/{fact.run_id}")
