"""Invoice rows of one month → lines, rated; the load learns how many lines took which way."""

from services.billing.rating.service import take_rows
from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesRated
from services.contracts.events.sync import RowsLoaded
from services.kit.base.db import WriteSession
from services.kit.ledger.bus import publish


async def handle(session: WriteSession, envelope: Envelope[RowsLoaded]) -> None:
    fact = envelope.data
    outcomes = await take_rows(session, fact)
    rated = LinesRated(run_id=fact.run_id, part=fact.part, period=fact.period, outcomes=outcomes)
    await publish(session, rated, subject=f"run/{fact.run_id}")
