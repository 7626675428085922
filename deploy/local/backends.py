"""The database and the queue of a local run: ours out of wheels, or the user's own, migrated either way."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.local.installation import DATABASE, ROOT, Installation
from deploy.local.ports import remembered_port
from deploy.local.process import Server, ServerDidNotStart
from deploy.local.servers import PostgresServer, ValkeyServer
from services.kit.base.tenancy import SERVICE_ROLES


@dataclass(frozen=True)
class Backends:
    """Addresses for the processes, and the servers behind them that are ours to keep running."""

    database_url: str
    redis_url: str
    servers: tuple[Server, ...]

    def restart_ended(self) -> list[str]:
        """One look at our servers; sentences for people about what was done."""
        sentences = []
        for server in self.servers:
            if not server.is_running():
                server.start()
                sentences.append(f"{server.name} had ended and was started again; see {server.log}")
        return sentences


@contextlib.contextmanager
def running_backends(installation: Installation) -> Iterator[Backends]:
    """Servers that answer and a database that is up to date; ours stop at the end."""
    with contextlib.ExitStack() as stack:
        servers: list[Server] = []
        database_url = installation.given_database_url
        if database_url is None:
            postgres = make_postgres(installation)
            stack.callback(postgres.stop)
            postgres.start()
            servers.append(postgres)
            database_url = postgres.url(DATABASE)
            if not is_up_to_date(postgres):
                postgres.create_database(DATABASE)
                migrate(installation, database_url)
        else:
            migrate(installation, database_url)
        redis_url = installation.given_redis_url
        if redis_url is None:
            valkey = make_valkey(installation)
            stack.callback(valkey.stop)
            valkey.start()
            servers.append(valkey)
            redis_url = valkey.url()
        yield Backends(database_url, redis_url, tuple(servers))


def make_postgres(installation: Installation) -> PostgresServer:
    return PostgresServer(
        installation.folder / "postgres",
        port=remembered_port(installation.folder / "postgres.port"),
        password=installation.keys["TIEOUT_DB_PASSWORD_OWNER"],
        log=installation.logs / "postgres.log",
        durable=True,
    )


def make_valkey(installation: Installation) -> ValkeyServer:
    return ValkeyServer(
        installation.folder / "valkey",
        port=remembered_port(installation.folder / "valkey.port"),
        password=installation.keys["TIEOUT_REDIS_PASSWORD"],
        log=installation.logs / "valkey.log",
        durable=True,
    )


def is_up_to_date(postgres: PostgresServer) -> bool:
    """Whether the newest migration has run, asked of the database alone: the program itself takes two seconds."""
    newest = max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    try:
        return postgres.psql(DATABASE, "SELECT version_num FROM alembic_version") == newest
    except subprocess.CalledProcessError:
        return False  # there is no database yet, or nothing in it


def migrate(installation: Installation, database_url: str) -> None:
    """As a deployment does: with the program, in its own process."""
    names = [f"TIEOUT_DB_PASSWORD_{service.upper()}" for service in SERVICE_ROLES]
    passwords = {name: installation.keys[name] for name in names}
    environment = os.environ | passwords | {"TIEOUT_DATABASE_URL": database_url}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.migrate"], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise ServerDidNotStart(f"The database could not be migrated:\n{done.stdout}{done.stderr}")
