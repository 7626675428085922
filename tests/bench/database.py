"""The product's database as its owner sees it, without walls, and as one of its services sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from deploy.local.installation import DATABASE
from deploy.local.ports import LOOPBACK
from services.kit.base.db import Database
from services.kit.base.settings import asyncpg_url
from tests.support.product import Product

AnswerT = TypeVar("AnswerT")


def ask(product: Product, question: "Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[AnswerT]]") -> AnswerT:
    """Run a question on one connection of the owner, for measuring bare statements."""

    async def run() -> AnswerT:
        connection = await asyncpg.connect(_owner_url(product))
        try:
            return await question(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def ask_as_service(product: Product, service: str, question: Callable[[Database], Awaitable[AnswerT]]) -> AnswerT:
    """Run a question through a service's own pool and role."""

    async def run() -> AnswerT:
        database = Database(asyncpg_url(product.installation.as_role(_owner_url(product), service)), service)
        try:
            return await question(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _owner_url(product: Product) -> str:
    installation = product.installation
    port = (installation.folder / "postgres.port").read_text().strip()
    return f"postgresql://postgres:{installation.keys['TIEOUT_DB_PASSWORD_OWNER']}@{LOOPBACK}:{port}/{DATABASE}"


async def written_columns(connection: "asyncpg.Connection[asyncpg.Record]", schema: str, table: str) -> list[str]:
    """The columns of a table that are written, in order; the others PostgreSQL computes."""
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER' ORDER BY ordinal_position",
        schema,
        table,
    )
    return [row["column_name"] for row in rows]
