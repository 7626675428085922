"""Billing has taken in one part of a mirror: count it for the run that sent it."""

from services.contracts.envelope import Envelope
from services.contracts.events.billing import MirrorTaken
from services.contracts.shapes import Tally
from services.contracts.vocabulary import RunKind
from services.kit.base.db import WriteSession
from services.sync.runs import parts
from services.sync.runs.repository import find_run


async def handle(session: WriteSession, envelope: Envelope[MirrorTaken]) -> None:
    taken = envelope.data
    outcomes = {taken.kind.value: Tally(count=taken.created + taken.updated)}
    run = await find_run(session, taken.run_id)
    # Loads and plans refresh mirrors only on their way: their outcomes are about lines.
    is_about_mirrors = run is not None and run.kind == RunKind.MIRROR.value
    await parts.acknowledge(session, taken.run_id, taken.part, outcomes if is_about_mirrors else None)
