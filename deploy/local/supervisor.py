"""Keeps processes running: starts them, restarts what ends, stops all of them in order."""

import contextlib
import http.client
import json
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.ports import LOOPBACK
from deploy.local.process import STOP_SECONDS, wait_until

FIRST_PAUSE = 0.5  # seconds before the first restart; doubles up to the longest
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # a process that ran this long has earned a quick restart again
LOG_BYTES = 5_000_000  # a log larger than this starts anew, one older one is kept


@dataclass
class Child:
    """One supervised process; `port` None where it answers no requests."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    port: int | None = None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    pause: float = field(default=FIRST_PAUSE)

    def start(self, folder: Path) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C in the terminal reaches the runner alone, which stops things in order.
            self.process = subprocess.Popen(
                self.command,
                cwd=folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started_at = time.monotonic()
        self.restart_at = 0.0

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def is_healthy(self) -> bool:
        """Answers `/healthz` without a fault (a stand-in has none, and says so); a worker is healthy while it runs."""
        if self.has_ended():
            return False
        if self.port is None:
            return True
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        return False

    def plan_restart(self, now: float) -> float:
        """Seconds until the next start; each quick end doubles them."""
        self.pause = FIRST_PAUSE if now - self.started_at > STEADY_SECONDS else self.pause
        self.restart_at = now + self.pause
        waited, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        return waited


class Supervisor:
    """The children of one run. `record` remembers them for the next run, in case this one is killed."""

    def __init__(self, folder: Path, record: Path) -> None:
        self.folder = folder
        self.record = record
        self.children: list[Child] = []

    def start(self, child: Child) -> None:
        child.start(self.folder)
        self.children.append(child)
        self._remember()

    def restart_ended(self) -> list[str]:
        """One look at everyone; sentences for people about what was seen."""
        sentences = []
        now = time.monotonic()
        for child in self.children:
            if not child.has_ended():
                continue
            if not child.restart_at:
                status = child.process.returncode if child.process else "?"
                pause = child.plan_restart(now)
                sentences.append(f"{child.name} ended with {status}, starting again in {pause:g} s; see {child.log}")
            elif now >= child.restart_at:
                child.start(self.folder)
                self._remember()
        return sentences

    def restart(self, children: Sequence[Child]) -> None:
        """Stop some children and start them again at once, for code that has changed."""
        end(children)
        for child in children:
            child.pause = FIRST_PAUSE
            child.start(self.folder)
        self._remember()

    def stop(self) -> None:
        end(self.children)
        self.record.unlink(missing_ok=True)

    def _remember(self) -> None:
        running = {}
        for child in self.children:
            with contextlib.suppress(psutil.Error):
                if child.process is not None:
                    running[child.process.pid] = psutil.Process(child.process.pid).create_time()
        self.record.write_text(json.dumps(running))


def end(children: Sequence[Child]) -> None:
    """Ask all at once, newest first, then end by force what does not listen."""
    for child in reversed(children):
        if child.process is not None and not child.has_ended():
            child.process.send_signal(signal.SIGTERM)
    wait_until(lambda: all(child.has_ended() for child in children), STOP_SECONDS)
    for child in children:
        if child.process is not None and not child.has_ended():
            child.process.kill()
            child.process.wait()


def end_leftovers(record: Path) -> int:
    """End what a killed run left running: only a process of the same number and the same birth."""
    try:
        remembered: dict[str, float] = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    leftovers = []
    for pid, born in remembered.items():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(int(pid))
            if process.create_time() == born:
                process.terminate()
                leftovers.append(process)
    for process in psutil.wait_procs(leftovers, timeout=STOP_SECONDS)[1]:
        process.kill()
    record.unlink(missing_ok=True)
    return len(leftovers)
