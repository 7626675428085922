"""A server process of ours: started, watched until it answers, stopped cleanly, found again after a crash."""

import contextlib
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.local.account import Account
from deploy.local.ports import PortIsTaken, is_free

START_SECONDS = 60.0  # a cold disk, and recovery after a crash; half a second is usual
STOP_SECONDS = 20.0


class ServerDidNotStart(Exception):
    """A server ended, or did not answer in time; the message carries the end of its log."""


class Server(ABC):
    """A server process with one folder of data, where it runs, and one port."""

    name: str
    pid_file: str
    stop_signal: signal.Signals

    def __init__(self, data: Path, *, port: int, password: str, log: Path, account: Account) -> None:
        self.data = data
        self.port = port
        self.password = password
        self.log = log
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def prepare(self) -> None:
        """Make the folder ready for a start; runs each time."""

    @abstractmethod
    def is_ready(self) -> bool: ...

    def start(self) -> None:
        """Start and wait until the server answers. A server left behind by a killed run is stopped first."""
        self.prepare()
        stop_leftover(self.data / self.pid_file, self.data, self.stop_signal)
        if not is_free(self.port):
            raise PortIsTaken(self.port, self.name)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C in the terminal is for the runner, which stops servers last.
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.account.run_as(),
            )
        wait_until(lambda: not self.is_running() or self.is_ready(), START_SECONDS)
        if not (self.is_running() and self.is_ready()):
            self.stop()
            raise ServerDidNotStart(f"{self.name} did not start. The end of {self.log}:\n{tail(self.log)}")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop cleanly, and by force what does not."""
        if self.process is not None and self.is_running():
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process as a crash would: nothing is flushed, nothing is said."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def stop_leftover(pid_file: Path, folder: Path, stop_signal: signal.Signals) -> None:
    """Stop the server that `pid_file` names if it really runs in `folder`; else the file is stale and goes.

    After a reboot its number may belong to any program, and PostgreSQL would refuse to start over that.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        is_ours = folder.samefile(process.cwd())
    except (FileNotFoundError, ValueError, psutil.Error):
        is_ours = False
    if is_ours:
        process.send_signal(stop_signal)
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
    pid_file.unlink(missing_ok=True)


def wait_until(is_so: Callable[[], bool], seconds: float, *, every: float = 0.02) -> bool:
    """Ask until it is so, at most for `seconds`; whether it became so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
