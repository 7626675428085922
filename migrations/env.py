"""Runs migrations: one at a time in the whole installation, each in its own transaction."""

import asyncio
import importlib
from pathlib import Path

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.kit.base.db import Base

SERVICES = Path(__file__).parent.parent / "services"
SCHEMAS = ("bus", "sync", "billing", "audit", "gateway")
LOCK = 0x7431_E007  # any constant will do; it means "Tieout migrates here"
PATIENCE = "10min"  # how long a second deployment waits for the first


def import_models() -> None:
    """Every models.py adds its tables to the one metadata."""
    for path in sorted(SERVICES.rglob("models.py")):
        importlib.import_module(".".join(path.relative_to(SERVICES.parent).with_suffix("").parts))


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in SCHEMAS


def migrate(connection: Connection) -> None:
    """Hold a lock for the session, not for a transaction: each migration commits on its own."""
    connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
    connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    connection.execute(text("RESET lock_timeout"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=is_ours,
        compare_type=True,
        compare_server_default=False,  # PostgreSQL writes defaults back in other words, so equal ones look different
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    # The driver reads the address itself, so that sslmode and the like mean what they mean to libpq.
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(context.config.attributes["url"]),
        poolclass=NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


import_models()
asyncio.run(run())
