"""Fixtures that give each test an empty, migrated database of its own, and an empty Redis database.

The template is migrated once per run and cloned once per worker. Tests really commit, on as many
connections as they like; what they left is deleted afterwards, which takes about 3 ms where a fresh
clone takes 25. `fresh_database` is such a clone, for tests that change the schema.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import redis.asyncio

from deploy.local.servers import VALKEY_DATABASES
from services.kit.base.tenancy import SERVICE_ROLES
from tests.support.backends import TEMPLATE, Backends, RunningBackends

SCHEMAS = ("bus", *SERVICE_ROLES)
_LARGE = 1_000_000  # bytes; above it TRUNCATE is quicker than DELETE, below it slower

_TABLES = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY($1)"
_EMPTY_ALL_TABLES = f"""
DO $$
DECLARE
  place text;
  is_filled boolean;
BEGIN
  SET LOCAL lock_timeout = '5s';
  SET LOCAL session_replication_role = replica;  -- neither foreign keys nor append-only triggers
  FOR place IN {_TABLES.replace("$1", f"'{{{','.join(SCHEMAS)}}}'")} LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || place || ')' INTO is_filled;
    IF is_filled AND pg_relation_size(place::regclass) > {_LARGE} THEN
      EXECUTE 'TRUNCATE ' || place || ' CASCADE';
    ELSIF is_filled THEN
      EXECUTE 'DELETE FROM ' || place;
    END IF;
  END LOOP;
END
$$
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True)
class TestDatabase:
    """One migrated database, seen as any service's role or as its owner."""

    __test__ = False

    backends: Backends
    name: str

    def url(self, service: str | None = None) -> str:
        """`postgresql://…` as the role of `service`; as the owner, past every wall, without one."""
        return self.backends.database_url(self.name, service)

    async def empty(self) -> None:
        """Delete every row of every service."""
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(_EMPTY_ALL_TABLES)
        except asyncpg.LockNotAvailableError as error:
            raise AssertionError("this test left a transaction open, which holds its rows") from error
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def backends(request: pytest.FixtureRequest) -> Iterator[Backends]:
    """The servers of this run."""
    told = getattr(request.config, "workerinput", {}).get("backends")
    if told is not None:
        yield Backends(**told)
        return
    running = RunningBackends()
    yield running.start()
    running.stop()


@pytest.fixture(scope="session")
async def worker_database(backends: Backends, worker_id: str) -> TestDatabase:
    database = await _clone(backends, f"tieout_{worker_id}")
    connection = await asyncpg.connect(database.url())
    for (place,) in await connection.fetch(_TABLES, SCHEMAS):
        filled = await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {place})")  # noqa: S608 - the catalog's own name
        assert not filled, f"a migration fills {place}: emptying between tests would lose that"
    await connection.close()
    return database


@pytest.fixture
async def database(worker_database: TestDatabase) -> AsyncIterator[TestDatabase]:
    """An empty database; rows that this test commits are gone after it."""
    yield worker_database
    await worker_database.empty()


@pytest.fixture
async def fresh_database(backends: Backends) -> AsyncIterator[TestDatabase]:
    """A clone that nobody else has ever used."""
    database = await _clone(backends, f"tieout_{uuid4().hex}")
    yield database
    connection = await asyncpg.connect(backends.postgres_url)
    await connection.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
def database_url(database: TestDatabase, request: pytest.FixtureRequest) -> str:
    """The test's database as the role of the room it tests: tests/billing/** signs in as tieout_billing.

    Tests outside the rooms are the owner. `database.url("sync")` names a role.
    """
    room = next((part for part in Path(request.path).parts[::-1] if part in SERVICE_ROLES), None)
    return database.url(room)


@pytest.fixture(scope="session")
def worker_number(worker_id: str) -> int:
    """0 without xdist, from 1 on with it."""
    return 0 if worker_id == "master" else 1 + int(worker_id.removeprefix("gw"))


@pytest.fixture
async def redis_url(backends: Backends, worker_number: int) -> AsyncIterator[str]:
    """An empty Redis database of this worker. Publish and subscribe cross databases: name channels by partner."""
    assert worker_number < VALKEY_DATABASES
    url = backends.redis_database(worker_number)
    yield url
    async with redis.asyncio.Redis.from_url(url) as client:
        await client.flushdb()


async def _clone(backends: Backends, name: str) -> TestDatabase:
    connection = await asyncpg.connect(backends.postgres_url)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY')
    await connection.close()
    return TestDatabase(backends, name)
