"""One PostgreSQL and one Valkey for a whole test run, started where the run starts.

With xdist that is the controller, before its workers; without, the first test that asks.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from deploy.local.account import forget_folder, kept_folder, server_account
from deploy.local.ports import free_port
from deploy.local.process import stop_leftover
from deploy.local.servers import PostgresServer, ValkeyServer
from services.kit.base.tenancy import SERVICE_ROLES

ROOT = Path(__file__).parents[2]
TEMPLATE = "tieout_template"
FOLDERS = "tieout-tests-"
ROLE_PASSWORD = secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Backends:
    """Where the servers of this run are; travels to xdist workers as JSON."""

    postgres_url: str
    role_password: str
    redis_url: str

    def database_url(self, database: str, service: str | None = None) -> str:
        """Address of a database as `service`'s role; without one, as the owner of everything."""
        parts = urlsplit(self.postgres_url)
        if service is not None:
            parts = parts._replace(netloc=f"{SERVICE_ROLES[service]}:{self.role_password}@127.0.0.1:{parts.port}")
        return parts._replace(path=f"/{database}").geturl()

    def redis_database(self, number: int) -> str:
        return urlsplit(self.redis_url)._replace(path=f"/{number}").geturl()

    def as_json(self) -> str:
        return json.dumps(asdict(self))


class RunningBackends:
    """The servers themselves, in a folder of their own that goes with them."""

    def __init__(self) -> None:
        end_killed_runs()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-"))
        self.folder.chmod(0o711)  # the database server may be another user, who passes through
        self.postgres = make_postgres(self.folder / "postgres")
        self.valkey = make_valkey(self.folder / "valkey")

    def start(self) -> Backends:
        try:
            self.valkey.start()
            self.postgres.start()
            self.postgres.create_database(TEMPLATE)
            migrate(self.postgres.url(TEMPLATE))
        except BaseException:
            self.stop()
            raise
        return Backends(self.postgres.url(), ROLE_PASSWORD, self.valkey.url())

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        forget_folder(self.postgres.account, self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)


def end_killed_runs() -> None:
    """Stop the servers of runs that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*"):
        number = folder.name.removeprefix(FOLDERS).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            account = server_account()
            data = kept_folder(account, folder / "postgres") / "data"
            stop_leftover(data / PostgresServer.pid_file, data, PostgresServer.stop_signal)
            stop_leftover(folder / "valkey" / ValkeyServer.pid_file, folder / "valkey", ValkeyServer.stop_signal)
            forget_folder(account, folder / "postgres")
            shutil.rmtree(folder, ignore_errors=True)


def make_postgres(folder: Path, *, durable: bool = False) -> PostgresServer:
    log = folder.with_suffix(".log")
    return PostgresServer(folder, port=free_port(), password=secrets.token_urlsafe(12), log=log, durable=durable)


def make_valkey(folder: Path, *, durable: bool = False) -> ValkeyServer:
    log = folder.with_suffix(".log")
    return ValkeyServer(folder, port=free_port(), password=secrets.token_urlsafe(12), log=log, durable=durable)


def migrate(database_url: str) -> None:
    """Migrate a database as a deployment does: with the program, in its own process."""
    passwords = {f"TIEOUT_DB_PASSWORD_{service.upper()}": ROLE_PASSWORD for service in SERVICE_ROLES}
    environment = os.environ | passwords | {"TIEOUT_DATABASE_URL": database_url}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.migrate"], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"migrations failed:\n{done.stdout}{done.stderr}")
