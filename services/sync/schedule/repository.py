"""Writes nights."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert

from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.sync.schedule.models import ScheduledNight


async def add_night(session: WriteSession, entry: str, night: date) -> bool:
    """False when this night was begun before. Waits for another worker that is about to begin it."""
    added = await session.execute(
        insert(ScheduledNight)
        .values(partner_id=session.circumstances.partner_id, entry=entry, night=night, begun_at=clock.now())
        .on_conflict_do_nothing()
        .returning(ScheduledNight.entry)
    )
    return added.scalar_one_or_none() is not None
