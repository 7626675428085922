"""Reads and adds rule versions."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.billing.billing_rules.models import RulesRow
from services.kit.base.db import ReadSession, WriteSession


async def find_latest(session: ReadSession) -> RulesRow | None:
    """The rules in force; None while nobody has saved any."""
    query = select(RulesRow).order_by(RulesRow.version.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def find_versions(session: ReadSession, versions: Collection[int]) -> Sequence[RulesRow]:
    query = select(RulesRow).where(RulesRow.version.in_(versions))
    return (await session.execute(query)).scalars().all()


async def add(session: WriteSession, version: int, rules: dict[str, Any]) -> RulesRow | None:
    """Save a version; None when somebody else has saved it meanwhile."""
    circumstances = session.circumstances
    statement = insert(RulesRow).values(
        partner_id=circumstances.partner_id, version=version, rules=rules, saved_by=circumstances.actor.name
    )
    saved = await session.execute(statement.on_conflict_do_nothing().returning(RulesRow))
    return saved.scalar_one_or_none()
