"""The promise of the product under the worst of luck: answers get lost, and the worker is killed while it writes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.contracts.vocabulary import ConnectedSystem, RunStatus
from services.kit.base.crypto import Sealer
from services.kit.base.db import Database
from services.kit.upstream.rates import RateLimiter
from services.sync.connections import service as connections
from services.sync.connections.schemas import ConnectionIn
from services.sync.receipts import service as receipts
from services.sync.settings import SyncSettings
from services.sync.upstreams import Upstreams
from tests.support.clock import HeldClock
from tests.support.processes import PythonProcess, StartPython
from tests.sync.conftest import CONNECTWISE_CONNECTION, FAST, KEY, SEALING_KEY
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, Desk, want

ADDITIONS = 90
AGREEMENTS = (AGREEMENT, OTHER_AGREEMENT, "1006")
PATIENCE = 60.0


async def wait_until(is_so: Callable[[], Awaitable[bool]], process: PythonProcess) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await is_so():
        assert process.is_running, process.output()
        assert time.monotonic() < deadline, process.output()
        await asyncio.sleep(0.02)


@pytest.fixture
async def psa(
    start_python: StartPython, free_port: Callable[[], int], tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """ConnectWise's stand-in as a process of its own."""
    port = free_port()
    environment = {"TIEOUT_SANDBOX_DIR": str(tmp_path / "sandbox"), "TIEOUT_SANDBOX_TODAY": "2026-06-17"}
    process = start_python(
        "-m",
        "uvicorn",
        "services.sandbox.connectwise.main:app",
        "--port",
        str(port),
        "--log-level",
        "warning",
        env=environment,
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        async def answers() -> bool:
            try:
                return (await client.get("/_sandbox/health")).is_success
            except httpx.TransportError:
                return False

        await wait_until(answers, process)
        yield client


@pytest.fixture
async def far_desk(sync_database: Database, psa: httpx.AsyncClient, clock: HeldClock) -> AsyncIterator[Desk]:
    """A partner whose ConnectWise is that process."""
    clock.set(datetime(2026, 6, 17, 12, tzinfo=UTC))
    limiter = RateLimiter(None, pace=FAST, seconds=time.monotonic)
    async with httpx.AsyncClient(trust_env=False) as http:
        desk = Desk(uuid4(), sync_database, Upstreams(http, Sealer(SEALING_KEY), limiter, limiter))
        await desk.connect()
        form = ConnectionIn.model_validate({**CONNECTWISE_CONNECTION, "address": str(psa.base_url)})
        async with desk.database.writing(desk.circumstances) as session:
            await connections.save_connection(session, ConnectedSystem.CONNECTWISE, form, desk.upstreams.sealer)
        yield desk


@pytest.fixture
def start_worker(start_python: StartPython, sync_settings: SyncSettings) -> Callable[[], PythonProcess]:
    environment = {
        "TIEOUT_DATABASE_URL": sync_settings.database_url.replace("+asyncpg", ""),
        "TIEOUT_REDIS_URL": sync_settings.redis_url,
        "TIEOUT_INTERNAL_KEY": KEY,
        "TIEOUT_SEALING_KEYS": SEALING_KEY,
        "TIEOUT_CONNECTWISE_LIST_LAG_SECONDS": "3.5",
    }
    return lambda: start_python("-m", "tests.sync.pushes.hasty_worker", env=environment)


@pytest.mark.faults
class TestKilledWorker:
    async def test_connectwise_ends_with_no_duplicate_and_no_missing_addition(
        self, far_desk: Desk, psa: httpx.AsyncClient, start_worker: Callable[[], PythonProcess]
    ) -> None:
        markers = [f"TO-{number}" for number in range(ADDITIONS)]
        far_desk.wanted = [
            want(marker, agreement_id=AGREEMENTS[number % len(AGREEMENTS)]) for number, marker in enumerate(markers)
        ]
        plan = await far_desk.plan()
        lost = {"kind": "lost_answer_after_commit", "method": "POST", "path": "*/additions", "every": 3}
        (await psa.post("/_sandbox/faults", json=lost)).raise_for_status()
        (await psa.post("/_sandbox/latency", json={"seconds": 0.1})).raise_for_status()
        asked = await far_desk.apply(plan.id)

        async def posts() -> int:
            calls = (await psa.get("/_sandbox/calls")).json()["calls"]
            return sum(each["count"] for each in calls if each["method"] == "POST")

        async def is_half_done() -> bool:
            return await posts() >= ADDITIONS // 3

        async def is_proven() -> bool:
            async with far_desk.database.reading(far_desk.circumstances) as session:
                return await receipts.has_receipt(session, asked.id)

        first = start_worker()
        await wait_until(is_half_done, first)
        first.kill()
        assert await posts() < ADDITIONS
        assert not await is_proven()
        second = start_worker()
        await wait_until(is_proven, second)
        assert second.terminate() == 0

        held = Counter([each.marker for place in AGREEMENTS for each in await far_desk.additions(place)])
        assert held == dict.fromkeys(markers, 1)
        await far_desk.settle()
        run = await far_desk.run(asked.id)
        assert (run.status, run.outcomes["created"].count) == (RunStatus.SUCCEEDED, ADDITIONS)
        assert {each.marker for each in far_desk.settled if not each.error} == set(markers)
