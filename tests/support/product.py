"""The whole product, started as people start it, for journeys: sandbox, services, workers, demo and all."""

import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.account import forget_folder, server_account
from deploy.local.installation import PORTS, ROOT, Installation
from deploy.local.ports import free_port
from tests.support.processes import PythonProcess

START_SECONDS = 120.0  # nine interpreters and a demo on two cores that also run other tests


class Product:
    """`make run` in a folder of its own, on ports of its own; `settings` are added to its environment."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tieout-product-"))
        self.folder.chmod(0o711)  # the database server may be another user, who passes through
        ports = {Installation.port_setting(name): str(free_port()) for name in PORTS}
        app = {"TIEOUT_SPA_DIR": str(ROOT / "frontend" / "dist")}  # as `make test` built it
        self.environment = {"TIEOUT_LOCAL_DIR": str(self.folder), **app, **ports, **(settings or {})}
        self.process: PythonProcess | None = None
        self.installation = Installation(self.folder, self.environment)

    @property
    def address(self) -> str:
        return self.installation.address("gateway")

    @property
    def process_ids(self) -> dict[str, int]:
        """Number of each process by the name of its log."""
        numbers = {}
        for process in psutil.Process(self._running().popen.pid).children():
            with suppress(psutil.Error):  # one that is just ending
                numbers[_name_of(process)] = process.pid
        return numbers

    def processes(self) -> list[psutil.Process]:
        """The runner and everything it started, servers included."""
        runner = psutil.Process(self._running().popen.pid)
        return [runner, *runner.children(recursive=True)]

    @property
    def sign_in(self) -> dict[str, str]:
        """E-mail and password, as printed."""
        said = re.search(r"Sign in +(\S+) +(\S+)", self.output())
        assert said is not None, self.output()
        return {"email": said[1], "password": said[2]}

    def output(self) -> str:
        return self._running().output()

    def start(self) -> float:
        """Start and wait until it says where it is; how many seconds that took."""
        began = time.monotonic()
        log = Path(tempfile.mkstemp(prefix="run-", suffix=".log", dir=self.folder)[1])
        self.process = PythonProcess(("-m", "deploy.local.run"), self.environment, log)
        self.process.wait_for_output("Logs  ", START_SECONDS)
        return time.monotonic() - began

    def stop(self) -> int:
        """Ctrl-C, and its exit status."""
        process = self._running()
        process.popen.send_signal(signal.SIGINT)
        return process.popen.wait(60)

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """A signed-in client of the public API."""
        with httpx.Client(base_url=f"{self.address}/api/v1", timeout=60, trust_env=False) as client:
            client.post("/session", json=self.sign_in).raise_for_status()
            client.headers["X-CSRF-Token"] = client.cookies["tieout_csrf"]
            yield client

    def forget(self) -> None:
        if self.process is not None and self.process.is_running:
            self.stop()
        forget_folder(server_account(), self.folder / "postgres")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _running(self) -> PythonProcess:
        assert self.process is not None
        return self.process


def _name_of(process: psutil.Process) -> str:
    words = process.cmdline() or [process.name()]
    module = next((word for word in words if word.startswith("services.")), Path(words[0].split()[0]).name)
    return module.removeprefix("services.").removesuffix(".main:app").replace(".worker", "-worker").replace(".", "-")


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """One running product for all journeys of a run; xdist puts them on one worker."""
    started = Product()
    try:
        started.start()
        yield started
    finally:
        started.forget()
