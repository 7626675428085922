"""Real processes and servers of a test's own, to be killed, restarted and flushed at will."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from deploy.local.account import forget_folder
from deploy.local.ports import free_port as any_free_port
from deploy.local.process import tail, wait_until
from deploy.local.servers import PostgresServer, ValkeyServer
from tests.support.backends import ROOT, TEMPLATE, make_postgres, make_valkey, migrate

STOP_SECONDS = 15.0


class PythonProcess:
    """A Python program of the product, running for real."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, is_so: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until it is so; a process that ends first fails the test with its output."""
        wait_until(lambda: is_so() or not self.is_running, seconds)
        if not is_so():
            state = "still runs" if self.is_running else f"ended with {self.popen.returncode}"
            raise AssertionError(f"waited in vain; the process {state}:\n{tail(self.log, 40)}")

    def wait_for_output(self, text: str, seconds: float = 30) -> None:
        self.wait_for(lambda: text in self.output(), seconds)

    def kill(self) -> None:
        """kill -9, the process and its children: no handler runs, no transaction is closed."""
        if self.is_running:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(STOP_SECONDS)

    def terminate(self) -> int:
        """Ask it to stop, and wait; its exit status."""
        self.popen.terminate()
        return self.popen.wait(STOP_SECONDS)


class StartPython(Protocol):
    """Starts `python <arguments>` at the top of the tree, with `env` added to this environment."""

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None) -> PythonProcess: ...


@pytest.fixture
def start_python(tmp_path: Path) -> Iterator[StartPython]:
    """`start_python("-m", "services.sync.worker", env={...})`; what still runs is killed after the test."""
    started: list[PythonProcess] = []

    def start(*arguments: str, env: Mapping[str, str] | None = None) -> PythonProcess:
        process = PythonProcess(arguments, env or {}, tmp_path / f"process-{len(started)}.log")
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def free_port() -> Callable[[], int]:
    """`free_port()` names a port on 127.0.0.1 that nobody uses."""
    return any_free_port


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A Valkey of this test's own, running, with its log on disk as in production: flush, stop, kill and start it."""
    with _own_folder() as folder:
        server = make_valkey(folder / "valkey", durable=True)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test's own, running and migrated: `server.url(TEMPLATE)` reaches its owner's database."""
    with _own_folder() as folder:
        server = make_postgres(folder / "postgres", durable=True)
        server.start()
        server.create_database(TEMPLATE)
        migrate(server.url(TEMPLATE))
        yield server
        server.stop()
        forget_folder(server.account, folder / "postgres")


@contextmanager
def _own_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tieout-test-", suffix=secrets.token_hex(2)))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
