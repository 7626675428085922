"""Reads and writes connection rows."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.kit.base.db import ReadSession, WriteSession
from services.sync.connections.models import ConnectionRow


async def find_connection(session: ReadSession, system: str) -> ConnectionRow | None:
    key = {"partner_id": session.circumstances.partner_id, "system": str(system)}
    return await session.get(ConnectionRow, key, populate_existing=True)


async def list_connections(session: ReadSession) -> Sequence[ConnectionRow]:
    return (await session.scalars(select(ConnectionRow))).all()


async def save_connection(session: WriteSession, system: str, values: dict[str, object]) -> ConnectionRow:
    """Insert or replace; `values` has every column but the key and `saved_at`."""
    statement = insert(ConnectionRow).values(
        partner_id=session.circumstances.partner_id, system=str(system), saved_at=func.now(), **values
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["partner_id", "system"], set_={**values, "saved_at": func.now()}
        )
    )
    saved = await find_connection(session, system)
    if saved is None:
        raise RuntimeError("a row just written is not there")
    return saved
