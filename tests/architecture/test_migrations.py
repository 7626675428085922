"""Migrations: one history, patient with running code, and equal to the models."""

import asyncio
import os
import subprocess
import sys

from tests.architecture.source import ROOT, sources
from tests.support.databases import TestDatabase


class TestMigrations:
    def test_history_is_one_line(self) -> None:
        """Two heads mean that two databases can both be up to date and differ."""
        files = [source for source in sources("migrations/versions") if source.path.stem[:4].isdigit()]
        numbers = [source.path.stem[:4] for source in files]
        assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
        for source, before in zip(files, [None, *numbers], strict=False):
            assert f'revision = "{source.path.stem[:4]}"' in source.text
            assert (f'down_revision = "{before}"' if before else "down_revision = None") in source.text

    def test_each_gives_up_rather_than_block_the_running_code(self) -> None:
        """An ALTER TABLE that waits for a long read makes all later reads wait behind it: an outage without a fault."""
        impatient = [
            source.name
            for source in sources("migrations/versions")
            if source.text.count("SET LOCAL lock_timeout") < 2 or source.text.count("SET LOCAL statement_timeout") < 2
        ]
        assert not impatient, "see migrations/script.py.mako"

    async def test_models_are_what_migrations_make(self, fresh_database: TestDatabase) -> None:
        """A column in a model without a migration passes every test on a database made from models."""
        environment = os.environ | {"TIEOUT_DATABASE_URL": fresh_database.url()}
        checked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.migrate", "check"),
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await checked.communicate()
        assert checked.returncode == 0, output.decode()

    async def test_they_can_be_undone(self, fresh_database: TestDatabase) -> None:
        """A deployment that fails half way goes back; a downgrade that was never run does not work."""
        program = (
            "import sys; from alembic import command; from deploy.migrate import configuration;"
            "config = configuration(sys.argv[1]); command.downgrade(config, 'base'); command.upgrade(config, 'heads')"
        )
        undone = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, fresh_database.url()),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await undone.communicate()
        assert undone.returncode == 0, output.decode()
