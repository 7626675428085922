"""Decisions that were made before they had a table of their own are kept, also while old and new code run."""

import asyncio
import sys
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from tests.architecture.source import ROOT
from tests.support.databases import TestDatabase

PARTNER = UUID(int=5)
_FILL = {
    "text": "''",
    "character varying": "'2026-10'",
    "date": "'2026-10-01'",
    "boolean": "false",
    "numeric": "1",
    "integer": "1",
    "ARRAY": "'{}'",
    "uuid": "gen_random_uuid()",
}


async def migrate(database: TestDatabase, verb: str, revision: str) -> None:
    program = (
        "import sys; from alembic import command; from deploy.migrate import configuration;"
        f"command.{verb}(configuration(sys.argv[1]), {revision!r})"
    )
    done = await asyncio.create_subprocess_exec(sys.executable, "-c", program, database.url(), cwd=ROOT)
    assert await done.wait() == 0


def revision_before() -> str:
    (file,) = (ROOT / "migrations" / "versions").glob("*_billing_line_decisions.py")
    return f"{int(file.name[:4]) - 1:04d}"


async def insert_line(owner: "asyncpg.Connection[asyncpg.Record]", **decisions: str) -> UUID:
    """A line as the old code wrote it, with whatever in the columns that do not matter here."""
    columns = await owner.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'billing' "
        "AND table_name = 'line' AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'"
    )
    values = {row["column_name"]: _FILL[row["data_type"]] for row in columns}
    line_id = uuid4()
    values |= {"id": f"'{line_id}'", "partner_id": f"'{PARTNER}'", "row_id": f"'{line_id}'", **decisions}
    names, spelled = ", ".join(values), ", ".join(values.values())
    await owner.execute(f"INSERT INTO billing.line ({names}) VALUES ({spelled})")  # noqa: S608 - this module's own
    return line_id


async def decided(owner: "asyncpg.Connection[asyncpg.Record]", line_id: UUID) -> dict[str, Any]:
    rows = await owner.fetch(
        "SELECT field, value, actor FROM billing.line_decision WHERE line_id = $1 ORDER BY id", line_id
    )
    assert {row["actor"] for row in rows} <= {"migration"}
    return {row["field"]: orjson.loads(row["value"]) for row in rows}


async def test_decisions_move_with_their_lines(fresh_database: TestDatabase) -> None:
    await migrate(fresh_database, "downgrade", revision_before())
    owner = await asyncpg.connect(fresh_database.url())
    edited = await insert_line(owner, is_excluded="true", user_start="'2026-10-20'", user_agreement_id="'41'")
    untouched = await insert_line(owner)
    await migrate(fresh_database, "upgrade", "heads")
    assert await decided(owner, edited) == {"excluded": True, "charge_start_date": "2026-10-20", "agreement_id": "41"}
    assert await decided(owner, untouched) == {}
    await owner.close()


async def test_what_the_old_code_still_writes_is_carried_over(fresh_database: TestDatabase) -> None:
    owner = await asyncpg.connect(fresh_database.url())
    line_id = await insert_line(owner)
    old_code = await asyncpg.connect(fresh_database.url("billing"))
    await old_code.execute("SELECT set_config('tieout.partner', $1, false)", str(PARTNER))
    edit = "UPDATE billing.line SET user_end = $2, is_excluded = $3, status = 'held' WHERE id = $1"
    await old_code.execute(edit, line_id, date(2026, 10, 25), True)
    assert await decided(owner, line_id) == {"charge_end_date": "2026-10-25", "excluded": True}
    await old_code.execute(edit, line_id, None, True)
    assert await decided(owner, line_id) == {"charge_end_date": None, "excluded": True}
    await old_code.close()
    await owner.close()
