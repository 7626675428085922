"""What one partner's session can see of another's people, sessions and tokens: nothing."""

from uuid import UUID

import pytest
from sqlalchemy import text

from services.gateway.people.repository import find_account
from services.kit.base.db import Database, system_circumstances
from services.kit.base.settings import asyncpg_url
from tests.gateway.conftest import Door

TABLES = ("partner", "account", "membership", "session", "api_token")


async def count_as(door: Door, partner_id: UUID, table: str) -> int:
    database = Database(asyncpg_url(door.database.url("gateway")), "gateway", pool_size=1)
    async with database.reading(system_circumstances(partner_id, "gateway")) as session:
        found: int = (await session.execute(text(f"SELECT count(*) FROM gateway.{table}"))).scalar_one()  # noqa: S608 - this module's constant
    await database.close()
    return found


@pytest.fixture
async def partners(door: Door) -> tuple[UUID, UUID]:
    found = []
    for email in ("owner@one.example", "owner@two.example"):
        found.append(await door.make_partner(email))
        client = await door.sign_in(email)
        await client.post("/api/v1/tokens", json={"name": "n", "scopes": ["read"]})
    return found[0], found[1]


class TestWalls:
    @pytest.mark.parametrize("table", TABLES)
    async def test_a_query_without_a_filter_finds_the_own_row_only(
        self, door: Door, partners: tuple[UUID, UUID], table: str
    ) -> None:
        assert await count_as(door, partners[0], table) == 1
        assert await count_as(door, partners[1], table) == 1

    @pytest.mark.parametrize("table", TABLES)
    async def test_a_session_of_nobody_finds_nothing(self, door: Door, partners: tuple[UUID, UUID], table: str) -> None:
        assert await count_as(door, UUID(int=0), table) == 0

    async def test_naming_an_e_mail_opens_the_wall_for_that_account_and_no_longer_than_the_transaction(
        self, door: Door, partners: tuple[UUID, UUID]
    ) -> None:
        database = Database(asyncpg_url(door.database.url("gateway")), "gateway", pool_size=1)
        nobody = system_circumstances(UUID(int=0), "gateway")
        async with database.reading(nobody) as session:
            account = await find_account(session, "owner@two.example")
            assert account is not None
            assert account.home_partner_id == partners[1]
            found = (await session.execute(text("SELECT email FROM gateway.account"))).scalars().all()
            assert found == ["owner@two.example"]
        async with database.reading(nobody) as session:
            assert (await session.execute(text("SELECT count(*) FROM gateway.account"))).scalar_one() == 0
        await database.close()

    async def test_a_token_of_one_partner_cannot_be_revoked_by_another(
        self, door: Door, partners: tuple[UUID, UUID]
    ) -> None:
        (row,) = await door.fetch("SELECT id FROM gateway.api_token WHERE partner_id = $1", partners[0])
        client = await door.sign_in("owner@two.example")
        assert (await client.delete(f"/api/v1/tokens/{row['id']}")).status_code == 404
