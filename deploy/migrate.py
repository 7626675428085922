"""Bring a database up to date: roles, then migrations. `python -m deploy.migrate [upgrade|check|revision|history]`.

Reads `TIEOUT_DATABASE_URL` (or `DATABASE_URL`) of the database's owner. Safe to run from many places at
once: whoever comes second waits, then finds nothing to do.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from deploy.roles import ensure_roles

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def configuration(url: str) -> Config:
    """Alembic's settings, here instead of in a file at the top of the tree."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_section_option("post_write_hooks", "hooks", "format")
    config.set_section_option("post_write_hooks", "format.type", "exec")
    config.set_section_option("post_write_hooks", "format.executable", str(Path(sys.executable).with_name("ruff")))
    config.set_section_option("post_write_hooks", "format.options", "format REVISION_SCRIPT_FILENAME")
    config.attributes["url"] = url
    return config


def upgrade(url: str, to: str = "heads") -> None:
    asyncio.run(ensure_roles(url))
    command.upgrade(configuration(url), to)


def check(url: str) -> None:
    """End with an error unless the models are exactly what the migrations make."""
    try:
        command.check(configuration(url))
    except CommandError as difference:
        raise SystemExit(f"Models and migrations disagree: {difference}") from difference


def next_number() -> str:
    numbers = [int(path.name[:4]) for path in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    return f"{max(numbers, default=0) + 1:04d}"


def database_url() -> str:
    url = os.environ.get("TIEOUT_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("Set TIEOUT_DATABASE_URL (or DATABASE_URL) to the database of its owner.")
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.migrate", description=__doc__)
    verbs = parser.add_subparsers(dest="verb")
    upward = verbs.add_parser("upgrade", help="make roles and run every migration that is missing (what no verb means)")
    upward.add_argument("--to", default="heads", help="stop after this one, as in --to 0008")
    verbs.add_parser("check", help="fail unless models and migrations agree")
    verbs.add_parser("history", help="list the migrations")
    revision = verbs.add_parser("revision", help="write a migration for what the models changed")
    revision.add_argument("subject", help='what it does, as in "Add drift"')
    chosen = parser.parse_args(arguments)
    match chosen.verb:
        case "check":
            check(database_url())
        case "history":
            command.history(configuration(database_url()))
        case "revision":
            command.revision(
                configuration(database_url()), message=chosen.subject, autogenerate=True, rev_id=next_number()
            )
        case "upgrade":
            upgrade(database_url(), chosen.to)
        case _:
            upgrade(database_url())


if __name__ == "__main__":
    main()
