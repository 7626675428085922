"""An installation of the version before goes on working: nothing of it hangs in what the new one no longer has."""

import asyncio
import sys
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.support.backends import ROOT
from tests.support.databases import TestDatabase

BEFORE = """
INSERT INTO sync.run (id, partner_id, kind, status, periods, outcomes, requested_by)
VALUES ($1, $2, 'load', 'running', '["2026-05"]', '{}', 'Ada');
"""
PLAN = "INSERT INTO sync.plan (id, partner_id, period, status, run_id, requested_by) VALUES ($1, $2, $3, $4, $5, 'Ada')"
EVENT = (
    "INSERT INTO bus.event (id, type, source, partner_id, subject, correlation_id, actor, data)"
    " VALUES ($1, $2, 'sync', $3, 'run/1', 'c', '{}', '{}')"
)
DELIVERY = "INSERT INTO bus.delivery (event_id, consumer, partner_id, next_attempt_at) VALUES ($1, $2, $3, now())"
# The migration is found by name: its number may change before it is released.
MIGRATE = """
import sys
from alembic import command
from alembic.script import ScriptDirectory
from deploy.migrate import configuration
config = configuration(sys.argv[1])
steps = next(each for each in ScriptDirectory.from_config(config).walk_revisions() if "run_steps" in each.path)
if sys.argv[2] == "down":
    command.downgrade(config, steps.down_revision)
else:
    command.upgrade(config, "heads")
"""


async def migrate(database: TestDatabase, direction: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", MIGRATE, database.url(), direction),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


class TestOpenWork:
    async def test_runs_and_plans_end_in_words_and_no_order_of_theirs_rests(self, fresh_database: TestDatabase) -> None:
        partner, run, computing, applied = uuid4(), uuid4(), uuid4(), uuid4()
        await migrate(fresh_database, "down")
        old: Any = await asyncpg.connect(fresh_database.url())
        await old.execute(BEFORE.strip().rstrip(";"), run, partner)
        await old.execute(PLAN, computing, partner, "2026-05", "computing", None)
        await old.execute(PLAN, applied, partner, "2026-06", "ready", run)
        order, fact = await self._publish(old, partner, "sync.load.requested.v1", "sync.rows.loaded.v1")
        await old.close()

        await migrate(fresh_database, "up")

        new: Any = await asyncpg.connect(fresh_database.url())
        ended = await new.fetchrow("SELECT status, error, finished_at FROM sync.run WHERE id = $1", run)
        assert (ended["status"], ended["error"]) == ("failed", "Tieout was updated while this ran; start it again.")
        assert ended["finished_at"] is not None
        statuses = dict(await new.fetch("SELECT id, status FROM sync.plan"))
        assert statuses == {computing: "failed", applied: "stale"}
        open_now = await new.fetch("SELECT event_id FROM bus.delivery WHERE handled_at IS NULL")
        assert {row["event_id"] for row in open_now} == {fact}, f"{order} is an order nobody knows any more"
        await new.close()

    async def _publish(self, connection: Any, partner: UUID, *types: str) -> list[UUID]:
        ids = []
        for name in types:
            ids.append(uuid4())
            await connection.execute(EVENT, ids[-1], name, partner)
            await connection.execute(DELIVERY, ids[-1], "audit", partner)
        return ids
