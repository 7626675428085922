"""The walls between partners and between services hold in the database, whatever a query forgets."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kit.base.db import Database
from services.kit.base.settings import asyncpg_url
from services.kit.base.tenancy import SERVICE_ROLES, build_wall, open_schema
from tests.kit.conftest import Ledger, OpenDatabase, Publish, in_the_name_of, leave_trace
from tests.support.databases import TestDatabase

COUNT = text("SELECT count(*) FROM bus.idempotency")


@pytest.fixture
async def theirs(sync_db: Database) -> UUID:
    """Another partner, with a row of its own."""
    partner = uuid4()
    async with sync_db.writing(in_the_name_of(partner)) as session:
        await leave_trace(session, "theirs")
    return partner


class TestPartnerWall:
    async def test_a_query_without_a_filter_shows_nothing_of_another_partner(
        self, sync_db: Database, theirs: UUID, partner: UUID
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await leave_trace(session, "ours")
        async with sync_db.reading(in_the_name_of(partner)) as session:
            keys = (await session.execute(text("SELECT key FROM bus.idempotency"))).scalars().all()

        assert keys == ["ours"]

    async def test_a_change_without_a_filter_touches_nothing_of_another_partner(
        self, sync_db: Database, theirs: UUID, partner: UUID, ledger: Ledger
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            await session.execute(text("UPDATE bus.idempotency SET key = 'taken'"))

        assert await ledger.traces() == ["theirs"]

    async def test_a_row_for_another_partner_is_refused(self, sync_db: Database, theirs: UUID, partner: UUID) -> None:
        insert = text("INSERT INTO bus.idempotency VALUES (:partner, 'sync', 'k', '', '', now())")
        async with sync_db.writing(in_the_name_of(partner)) as session:
            with pytest.raises(DBAPIError, match="row-level security"):
                await session.execute(insert, {"partner": theirs})
            await session.rollback()

    async def test_a_row_cannot_be_moved_to_another_partner(
        self, sync_db: Database, theirs: UUID, partner: UUID
    ) -> None:
        async with sync_db.writing(in_the_name_of(theirs)) as session:
            with pytest.raises(DBAPIError, match="row-level security"):
                await session.execute(text("UPDATE bus.idempotency SET partner_id = :to"), {"to": partner})
            await session.rollback()

    async def test_a_session_that_names_no_partner_sees_nothing(
        self, database: TestDatabase, theirs: UUID, publish_rows: Publish
    ) -> None:
        await publish_rows()
        connection = await asyncpg.connect(database.url("sync"))

        for table in ("idempotency", "event", "delivery"):
            assert await connection.fetchval(f"SELECT count(*) FROM bus.{table}") == 0  # noqa: S608 - our own name
        await connection.close()

    async def test_a_partner_is_named_for_one_transaction_only(self, open_database: OpenDatabase, theirs: UUID) -> None:
        database = open_database(pool_size=1, overflow=0)
        async with database.reading(in_the_name_of(theirs)) as session:
            assert (await session.execute(COUNT)).scalar_one() == 1
        async with database.relaying() as session:
            assert (await session.execute(COUNT)).scalar_one() == 0

    async def test_the_relay_sees_the_deliveries_of_all_partners_and_nothing_else_of_theirs(
        self, open_database: OpenDatabase, theirs: UUID, publish_rows: Publish
    ) -> None:
        await publish_rows()
        database = open_database("gateway", pool_size=1, overflow=0)

        async with database.relaying() as session:
            seen = [
                (await session.execute(text(f"SELECT count(*) FROM bus.{table}"))).scalar_one()  # noqa: S608 - our own name
                for table in ("delivery", "event", "idempotency")
            ]
        assert seen == [2, 0, 0]
        async with database.reading(in_the_name_of(theirs)) as session:
            assert (await session.execute(text("SELECT count(*) FROM bus.delivery"))).scalar_one() == 0

    async def test_every_table_with_a_partner_is_walled(self, ledger: Ledger) -> None:
        """A new table without its wall would show every partner's rows to each of them."""
        tables = await ledger.connection.fetch(
            """
            SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
                SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*') AS is_walled
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'partner_id'
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text = ANY($1)
            """,
            ["bus", *SERVICE_ROLES],
        )

        assert len(tables) >= 3
        assert [row["name"] for row in tables if not row["is_walled"]] == []

    async def test_a_new_table_is_walled_by_three_statements(self, fresh_database: TestDatabase, partner: UUID) -> None:
        owner = await asyncpg.connect(fresh_database.url())
        for statement in open_schema("audit"):
            await owner.execute(statement)
        await owner.execute("CREATE TABLE audit.note (partner_id uuid, said text)")
        await owner.execute("INSERT INTO audit.note VALUES (gen_random_uuid(), 'theirs'), ($1, 'ours')", partner)
        for statement in build_wall("audit.note"):
            await owner.execute(statement)
        await owner.close()

        database = Database(asyncpg_url(fresh_database.url("audit")), "audit")
        async with database.reading(in_the_name_of(partner)) as session:
            assert (await session.execute(text("SELECT said FROM audit.note"))).scalars().all() == ["ours"]
        await database.close()


class TestServiceWall:
    @pytest.mark.parametrize("service", SERVICE_ROLES)
    async def test_a_role_reaches_no_other_services_schema(self, database: TestDatabase, service: str) -> None:
        connection = await asyncpg.connect(database.url(service))
        for other in SERVICE_ROLES.keys() - {service}:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"schema {other}"):
                await connection.execute(f"SELECT * FROM {other}.anything")  # noqa: S608 - our own name
        await connection.close()

    @pytest.mark.parametrize("service", SERVICE_ROLES)
    async def test_a_role_cannot_take_a_wall_down(self, database: TestDatabase, service: str) -> None:
        connection = await asyncpg.connect(database.url(service))

        for statement in (
            "ALTER TABLE bus.event DISABLE ROW LEVEL SECURITY",
            "DROP POLICY partner_wall ON bus.event",
            "DELETE FROM bus.event",
            "UPDATE bus.event SET data = '{}'",
            "TRUNCATE bus.event",
            "SET ROLE postgres",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.close()

    async def test_no_role_is_above_the_walls(self, ledger: Ledger) -> None:
        above = await ledger.connection.fetch(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolcreaterole)",
            list(SERVICE_ROLES.values()),
        )
        assert above == []
