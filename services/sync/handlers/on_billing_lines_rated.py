"""Billing has made lines of one part of a load: count it, add what became of its rows, and mark plans stale."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import LinesRated
from services.kit.base.db import WriteSession
from services.sync.plans.service import note_change
from services.sync.runs import parts


async def handle(session: WriteSession, envelope: Envelope[LinesRated]) -> None:
    rated = envelope.data
    await parts.acknowledge(session, rated.run_id, rated.part, rated.outcomes)
    await note_change(session, f"Invoices of {rated.period} were loaded again.", envelope.sequence, rated.period)
