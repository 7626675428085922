"""Reads and writes connection rows."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.sync.connections.models import ConnectionRow, PsaTrait
from services.sync.systems import TraitOrigin


async def find_connection(session: ReadSession, system: str) -> ConnectionRow | None:
    key = {"partner_id": session.circumstances.partner_id, "system": str(system)}
    return await session.get(ConnectionRow, key, populate_existing=True)


async def list_connections(session: ReadSession) -> Sequence[ConnectionRow]:
    return (await session.scalars(select(ConnectionRow))).all()


async def list_traits(session: ReadSession, system: str) -> Sequence[PsaTrait]:
    query = select(PsaTrait).where(PsaTrait.system == system)
    return (await session.scalars(query, execution_options={"populate_existing": True})).all()


async def save_trait(
    session: WriteSession, system: str, trait: str, origin: TraitOrigin, values: dict[str, object]
) -> None:
    """Insert or replace; `values` has every column but the key and `noted_at`."""
    key = {"partner_id": session.circumstances.partner_id, "system": system, "trait": trait, "origin": origin.value}
    noted = {**values, "noted_at": clock.now()}
    statement = insert(PsaTrait).values(**key, **noted)
    await session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=noted))


async def forget_traits(session: WriteSession, system: str, trait: str | None, origins: Sequence[TraitOrigin]) -> None:
    """Forget one trait, or all of them, as far as these origins go."""
    chosen = [PsaTrait.system == system, PsaTrait.origin.in_([origin.value for origin in origins])]
    await session.execute(delete(PsaTrait).where(*chosen, *([PsaTrait.trait == trait] if trait else [])))


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
