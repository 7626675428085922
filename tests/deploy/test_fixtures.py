"""The fixtures every other test stands on."""

import signal
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import redis
import redis.asyncio

from deploy.local.ports import is_free
from deploy.local.servers import PostgresServer, ValkeyServer
from services.kit.base.clock import now
from tests.support.backends import TEMPLATE, end_killed_runs
from tests.support.clock import HeldClock
from tests.support.databases import TestDatabase
from tests.support.processes import StartPython


class TestDatabaseFixture:
    async def test_rows_are_gone_before_the_next_test(self, database: TestDatabase) -> None:
        connection = await asyncpg.connect(database.url())
        await connection.execute(
            "INSERT INTO bus.idempotency (partner_id, service, key, request_digest, answer)"
            " SELECT gen_random_uuid(), 'sync', n::text, '', '' FROM generate_series(1, 10) n"
        )
        await database.empty()
        assert await connection.fetchval("SELECT count(*) FROM bus.idempotency") == 0
        await connection.close()

    @pytest.mark.parametrize("service", ["sync", "billing", "audit", "gateway"])
    async def test_each_service_signs_in_as_its_own_role(self, database: TestDatabase, service: str) -> None:
        connection = await asyncpg.connect(database.url(service))
        assert await connection.fetchval("SELECT current_user") == f"tieout_{service}"
        await connection.close()

    async def test_a_fresh_one_is_empty(self, fresh_database: TestDatabase) -> None:
        connection = await asyncpg.connect(fresh_database.url())
        assert await connection.fetchval("SELECT count(*) FROM bus.event") == 0
        await connection.close()


class TestRedisFixture:
    @pytest.mark.parametrize("_again", range(2))
    async def test_what_a_test_leaves_is_gone(self, redis_url: str, _again: int) -> None:
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            assert await client.dbsize() == 0
            await client.set("left", "behind")


class TestOwnServers:
    def test_a_durable_valkey_keeps_its_entries_through_a_stop(self, own_valkey: ValkeyServer) -> None:
        with redis.Redis.from_url(own_valkey.url()) as client:
            client.set("entry", "work")
        own_valkey.stop()
        own_valkey.start()
        with redis.Redis.from_url(own_valkey.url()) as client:
            assert client.get("entry") == b"work"

    async def test_a_killed_postgres_starts_over_its_stale_pid_file(self, own_postgres: PostgresServer) -> None:
        own_postgres.kill()
        assert (own_postgres.data / own_postgres.pid_file).exists()
        own_postgres.start()
        connection = await asyncpg.connect(own_postgres.url(TEMPLATE))
        assert await connection.fetchval("SELECT count(*) FROM bus.event") == 0
        await connection.close()


class TestStartPython:
    def test_a_killed_process_is_really_gone(self, start_python: StartPython) -> None:
        process = start_python("-c", "import time; print('ready', flush=True); time.sleep(60)")
        process.wait_for_output("ready")
        process.kill()
        assert process.popen.returncode == -signal.SIGKILL


class TestBackends:
    def test_servers_of_a_killed_run_are_ended_by_the_next(self, start_python: StartPython) -> None:
        run = start_python(
            "-c",
            "import time; from tests.support.backends import RunningBackends; run = RunningBackends();"
            "run.valkey.start(); run.postgres.start();"
            "print(run.folder, run.valkey.port, run.postgres.port, flush=True);"
            "time.sleep(60)",
        )
        run.wait_for(lambda: run.output().count(" ") == 2)
        folder, *ports = run.output().split()
        run.kill()
        assert not any(is_free(int(port)) for port in ports)
        end_killed_runs()
        assert all(is_free(int(port)) for port in ports)
        assert not Path(folder).exists()


class TestClock:
    def test_time_stands_still_for_whoever_asks_the_kit(self, clock: HeldClock) -> None:
        before = now()
        clock.advance(timedelta(hours=3))
        assert now() - before == timedelta(hours=3)
