"""`make revision SUBJECT="Add drift"`: writes a migration for what the models changed.

Compares the models with a database that was just migrated, on a server that lives no longer than that.
"""

import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from alembic import command

from deploy.local.account import forget_folder, server_account
from deploy.local.ports import free_port
from deploy.local.servers import PostgresServer
from deploy.migrate import configuration, next_number, upgrade


def main() -> None:
    if len(sys.argv) != 2 or not sys.argv[1].strip():  # noqa: PLR2004 - the program and its one argument
        raise SystemExit('Say what it does: make revision SUBJECT="Add drift"')
    folder = Path(tempfile.mkdtemp(prefix="tieout-revision-"))
    folder.chmod(0o711)  # the database server may be another user, who passes through
    log, password = folder / "postgres.log", secrets.token_urlsafe()
    server = PostgresServer(folder / "postgres", port=free_port(), password=password, log=log)
    try:
        server.start()
        upgrade(server.url())
        command.revision(configuration(server.url()), message=sys.argv[1], autogenerate=True, rev_id=next_number())
    finally:
        server.stop()
        forget_folder(server_account(), folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
