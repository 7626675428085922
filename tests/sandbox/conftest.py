"""Stand-ins in process with the day pinned, and stand-ins as real processes."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.sandbox import credentials
from services.sandbox.appxite.app import build_app as build_appxite
from services.sandbox.connectwise.app import build_app as build_psa
from services.sandbox.settings import Settings

TODAY = date(2026, 6, 17)
API = "/v4_6_release/apis/3.0"
REPORTING = f"/api/v1/reporting/requesters/{credentials.APPXITE_REQUESTER_ID}"
_KEY = f"{credentials.CONNECTWISE_PUBLIC_KEY}:{credentials.CONNECTWISE_PRIVATE_KEY}"
PSA_HEADERS = {
    "Authorization": "Basic " + base64.b64encode(f"{credentials.CONNECTWISE_COMPANY_ID}+{_KEY}".encode()).decode(),
    "clientId": credentials.CONNECTWISE_CLIENT_ID,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(dir=tmp_path, today=TODAY)


@pytest.fixture
async def appxite(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_appxite(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://appxite") as client:
        yield client


@pytest.fixture
async def psa(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """ConnectWise with credentials; paths are whole."""
    async with psa_client(settings) as client:
        yield client


def psa_client(settings: Settings) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_psa(settings))
    return httpx.AsyncClient(transport=transport, base_url="http://psa", headers=PSA_HEADERS)


async def report(client: httpx.AsyncClient, resource: str, **params: Any) -> list[dict[str, Any]]:
    """A list of the current profile."""
    answer = await client.get(f"{REPORTING}/{resource}", params={"sasKey": credentials.APPXITE_KEY, **params})
    assert answer.status_code == 200, answer.text
    records: list[dict[str, Any]] = answer.json()
    return records


async def records(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """A list of ConnectWise, one page."""
    answer = await client.get(f"{API}/{path}", params={"pageSize": 1000, **params})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def addition(**fields: Any) -> dict[str, Any]:
    """The body of a minimal addition on a normal agreement."""
    return {
        "product": {"id": 601},
        "billCustomer": "Billable",
        "quantity": 3,
        "unitPrice": 10,
        "effectiveDate": "2026-06-01T00:00:00Z",
        **fields,
    }


@dataclass
class Process:
    """A stand-in under uvicorn."""

    module: str
    folder: Path
    port: int
    handle: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **env: str) -> None:
        environment = {
            **os.environ,
            "TIEOUT_SANDBOX_DIR": str(self.folder),
            "TIEOUT_SANDBOX_TODAY": "2026-06-17",
            **env,
        }
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            f"services.sandbox.{self.module}.main:app",
            "--port",
            str(self.port),
        ]
        self.handle = subprocess.Popen([*command, "--log-level", "warning"], env=environment)
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"{self.url}/_sandbox/health", timeout=5).raise_for_status()
            except httpx.TransportError:
                assert self.handle.poll() is None, "the stand-in ended while starting"
                assert time.monotonic() < deadline, "the stand-in did not start"
            else:
                return

    def kill(self) -> None:
        """As hard as it gets: no handler of the process runs."""
        assert self.handle is not None
        self.handle.send_signal(signal.SIGKILL)
        self.handle.wait(timeout=10)


@pytest.fixture
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Process]:
    """The stand-in named by the parameter, not started yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    standing = Process(request.param, tmp_path, port)
    yield standing
    if standing.handle is not None and standing.handle.poll() is None:
        standing.kill()
