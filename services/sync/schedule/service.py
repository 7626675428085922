"""Begins what the schedule says, for each partner and night exactly once, however many workers look at the clock.

Every worker looks at the clock, and none remembers anything that counts: a row in PostgreSQL, added in the
transaction that queues the run, decides which of them begins a night. What fell due while no worker was up is
begun by the first one that starts, and said under System Logs. Only the latest night is made up for, because
what runs at night looks at what is there now.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from services.contracts.events.sync import TroubleNoted
from services.contracts.vocabulary import LogLevel
from services.kit.base import clock
from services.kit.base.db import Database, ReadSession, WriteSession, system_circumstances
from services.kit.ledger import bus
from services.kit.ledger.partners import list_partners
from services.sync.connections.service import ConnectionMissing, find_saved, psa_forms
from services.sync.runs import engine
from services.sync.runs.models import Run
from services.sync.schedule import repository
from services.sync.schedule.table import SCHEDULE, Entry

log = structlog.get_logger()

LOOK_SECONDS = 20.0  # between two looks at the clock; the database is asked only when something is due
LATE = timedelta(minutes=10)
"""Later than this, a night was missed: looking at the clock and going through all partners takes less."""


async def keep_schedule(database: Database, schedule: Sequence[Entry] = SCHEDULE) -> None:
    """Begin what is due, now and whenever something falls due, until cancelled."""
    begun: dict[str, date] = {}
    while True:
        for entry in schedule:
            due = entry.last_due(clock.now())
            if begun.get(entry.name) != due.date() and await begin_night(database, entry, due):
                begun[entry.name] = due.date()
        await asyncio.sleep(LOOK_SECONDS)


async def begin_night(database: Database, entry: Entry, due: datetime) -> bool:
    """Begin an entry for every partner. False when that failed for some of them, and has to be tried again."""
    try:
        partners = await list_partners(database)
    except Exception as error:  # noqa: BLE001 - a database that is away is waited for
        log.warning("partners could not be listed", entry=entry.name, error=f"{type(error).__name__}: {error}")
        return False
    tried = [await _try_to_begin(database, partner_id, entry, due) for partner_id in partners]
    return all(tried)


async def _try_to_begin(database: Database, partner_id: UUID, entry: Entry, due: datetime) -> bool:
    """Trouble with one partner is that partner's alone."""
    try:
        async with database.writing(system_circumstances(partner_id, database.service)) as session:
            await _begin(session, entry, due)
    except Exception:
        log.exception("a night could not be begun", entry=entry.name, partner=str(partner_id))
        return False
    return True


async def _begin(session: WriteSession, entry: Entry, due: datetime) -> None:
    if not await _was_connected(session, due) or not await repository.add_night(session, entry.name, due.date()):
        return
    run = await engine.start_unless_running(session, entry.kind)
    if clock.now() - due > LATE:
        await _announce_lateness(session, entry, due, run)


async def _was_connected(session: ReadSession, due: datetime) -> bool:
    """Whether the partner had its PSA by then. One that was connected later in the day has missed nothing."""
    try:
        psa = await find_saved(session, psa_forms())
    except ConnectionMissing:
        return False
    return psa.saved_at <= due


async def _announce_lateness(session: WriteSession, entry: Entry, due: datetime, run: Run) -> None:
    now = clock.now()
    log.warning("a missed night is caught up", entry=entry.name, due=due.isoformat(), run_id=str(run.id))
    fact = TroubleNoted(
        level=LogLevel.WARNING,
        title=f"{entry.title} was late and is caught up",
        details=f"It was due on {due:%Y-%m-%d} at {due:%H:%M} UTC and nothing began it. It began at {now:%H:%M} UTC.",
        run_id=run.id,
    )
    await bus.publish(session, fact, subject=f"run/{run.id}")
