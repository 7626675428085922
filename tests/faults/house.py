"""Processes that all tests of faults share: servers of their own to restart, both stand-ins, and sync's workers."""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.local.ports import free_port
from tests.support.backends import RunningBackends
from tests.support.databases import TestDatabase
from tests.support.processes import PythonProcess
from tests.sync.conftest import KEY, SEALING_KEY

LIST_LAG = 2.5
"""Seconds for which the workers believe that lists may lag."""
READ_SECONDS = 2.0
"""Seconds that the workers wait for an answer."""


@dataclass
class StandIn:
    """The stand-in of one upstream, as a process, and its control API."""

    process: PythonProcess
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.address}/_sandbox/health", trust_env=False).is_success
        except httpx.TransportError:
            return False

    async def order(self, name: str, **body: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=30) as http:
            answer = await http.post(f"/_sandbox/{name}", json=body)
            assert answer.is_success, answer.text
            return answer.json()

    async def show(self, name: str) -> Any:
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=30) as http:
            return (await http.get(f"/_sandbox/{name}")).json()


@dataclass
class Workers:
    """Sync's worker processes: usually one, which goes on from test to test."""

    environment: Mapping[str, str]
    folder: Path
    _running: list[PythonProcess] = field(default_factory=list)
    _settings: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def only(self, **settings: str) -> PythonProcess:
        """The only worker, with these settings."""
        self._running = [each for each in self._running if each.is_running]
        if len(self._running) != 1 or self._settings != settings:
            self.end()
            self.start(**settings)
        return self._running[0]

    def start(self, **settings: str) -> PythonProcess:
        """One more worker, ready to work."""
        self._count += 1
        log = self.folder / f"worker-{self._count}.log"
        process = PythonProcess(("-m", "tests.faults.hasty_worker"), {**self.environment, **settings}, log)
        self._settings = settings
        self._running.append(process)
        process.wait_for_output("worker ready")
        return process

    def end(self) -> None:
        for process in self._running:
            process.kill()
        self._running.clear()

    def output(self) -> str:
        """What the workers that were started last said."""
        return "\n".join(each.output()[-6000:] for each in self._running)


@dataclass
class House:
    backends: RunningBackends
    database: TestDatabase
    redis_url: str
    connectwise: StandIn
    appxite: StandIn
    workers: Workers

    def restart_postgres(self, away: float) -> None:
        """Stop PostgreSQL, and start it again after so many seconds."""
        self.backends.postgres.stop()
        time.sleep(away)
        self.backends.postgres.start()


def pause(process: PythonProcess) -> None:
    """Stop a process where it stands, as a machine does that is suspended."""
    process.popen.send_signal(signal.SIGSTOP)


def resume(process: PythonProcess) -> None:
    process.popen.send_signal(signal.SIGCONT)


@contextmanager
def started_stand_in(name: str, folder: Path) -> Iterator[StandIn]:
    port = free_port()
    environment = {
        "TIEOUT_SANDBOX_DIR": str(folder / name),
        "TIEOUT_SANDBOX_TODAY": "2026-06-17",
        "SANDBOX_LINES": "100",
    }
    app = ("-m", "uvicorn", f"services.sandbox.{name}.main:app", "--port", str(port), "--log-level", "warning")
    process = PythonProcess(app, environment, folder / f"{name}.log")
    try:
        yield StandIn(process, port)
    finally:
        process.kill()


def wait_for(stand_in: StandIn, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not stand_in.is_up():
        assert stand_in.process.is_running, stand_in.process.output()
        assert time.monotonic() < deadline, stand_in.process.output()
        time.sleep(0.05)


def worker_environment(database: TestDatabase, redis_url: str) -> dict[str, str]:
    return {
        "TIEOUT_DATABASE_URL": database.url("sync"),
        "TIEOUT_REDIS_URL": redis_url,
        "TIEOUT_INTERNAL_KEY": KEY,
        "TIEOUT_SEALING_KEYS": SEALING_KEY,
        "TIEOUT_LOG_FORMAT": "text",
        "TIEOUT_UPSTREAM_READ_SECONDS": str(READ_SECONDS),
        "TIEOUT_CONNECTWISE_LIST_LAG_SECONDS": str(LIST_LAG),
    }
