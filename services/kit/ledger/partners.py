"""Which partners there are, for what is done at night for each of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.kit.base.db import Database
from services.kit.ledger.models import DELIVERIES


async def list_partners(database: Database) -> Sequence[UUID]:
    """Every partner about whom an event is kept: longer than any other row, so that nobody's rows are overlooked."""
    async with database.relaying() as session:
        return (await session.scalars(select(DELIVERIES.c.partner_id).distinct())).all()
