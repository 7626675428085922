"""The product's database as its owner sees it: no walls, for measuring bare statements."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from deploy.local.installation import DATABASE
from deploy.local.ports import LOOPBACK
from tests.support.product import Product

AnswerT = TypeVar("AnswerT")


def ask(product: Product, question: "Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[AnswerT]]") -> AnswerT:
    """Run a question on one connection."""

    installation = product.installation

    async def run() -> AnswerT:
        connection = await asyncpg.connect(
            host=LOOPBACK,
            port=int((installation.folder / "postgres.port").read_text()),
            user="postgres",
            password=installation.keys["TIEOUT_DB_PASSWORD_OWNER"],
            database=DATABASE,
        )
        try:
            return await question(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


async def line_columns(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """The columns of billing.line that are written, in order; the others PostgreSQL computes."""
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'billing' AND table_name = 'line' AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return [row["column_name"] for row in rows]
