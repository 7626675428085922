"""kill -9 of sync's worker in the middle of a load: its successor ends it, and billing hears each row once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from services.contracts.events.sync import RowsLoaded, RunFinished
from services.contracts.periods import period_before, period_of
from services.contracts.vocabulary import RunStatus
from services.kit.base.clock import today
from services.sync.settings import SyncSettings
from tests.support.processes import PythonProcess, StartPython
from tests.sync.conftest import KEY, SEALING_KEY, Partner
from tests.sync.loads.month import ask, rows_told

LINES = 7_000  # four batches at least


@pytest.fixture(autouse=True)
def midday() -> None:
    """Processes tell the time themselves."""


@pytest.fixture
def stand_in(start_python: StartPython, free_port: Callable[[], int], tmp_path: Path) -> Callable[[str], str]:
    """`stand_in("appxite")` starts one as a process, and says where it is."""

    def start(name: str) -> str:
        address = f"http://127.0.0.1:{(port := free_port())}"
        env = {"TIEOUT_SANDBOX_DIR": str(tmp_path / name), "TIEOUT_SANDBOX_LINES": str(LINES)}
        arguments = ("-m", "uvicorn", f"services.sandbox.{name}.main:app", "--port", str(port))
        process = start_python(*arguments, "--log-level", "warning", env=env)
        process.wait_for(lambda: _answers(f"{address}/_sandbox/health"), 60)
        return address

    return start


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.TransportError:
        return False


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not await is_so():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


@pytest.mark.faults
@pytest.mark.timeout(300)
class TestKilledWorker:
    async def test_its_successor_tells_billing_each_row_once(
        self,
        partner: Partner,
        sync_settings: SyncSettings,
        start_python: StartPython,
        stand_in: Callable[[str], str],
    ) -> None:
        appxite, connectwise = stand_in("appxite"), stand_in("connectwise")
        await partner.connect(connectwise, profile="reporting-legacy", address=f"{appxite}/legacy")
        env = {
            "TIEOUT_DATABASE_URL": sync_settings.database_url.replace("+asyncpg", ""),
            "TIEOUT_REDIS_URL": sync_settings.redis_url,
            "TIEOUT_INTERNAL_KEY": KEY,
            "TIEOUT_SEALING_KEYS": SEALING_KEY,
        }

        def start_worker(calls_per_minute: int) -> PythonProcess:
            pace = {"TIEOUT_APPXITE_CALLS_PER_MINUTE": str(calls_per_minute)}
            return start_python("-m", "services.sync.worker", env={**env, **pace})

        period = period_before(period_of(today()))
        worker = start_worker(600)  # slow enough to be met in the middle, on a busy machine too
        run = await ask(partner, period)

        async def half_told() -> bool:
            await partner.acknowledge()
            return await partner.count(RowsLoaded) >= 2

        await until(half_told, 60)
        worker.kill()
        told_before = await partner.count(RowsLoaded)
        assert not await partner.count(RunFinished)
        start_worker(60_000)

        async def finished() -> bool:
            await partner.acknowledge()
            return await partner.count(RunFinished) > 0

        await until(finished, 150)  # 20 s of them are the dead worker's lease
        (end,) = await partner.facts(RunFinished)
        assert (end.run_id, end.status) == (run.id, RunStatus.SUCCEEDED)
        parts = await partner.facts(RowsLoaded)
        assert len(parts) > told_before
        assert [part.part for part in parts] == list(range(len(parts)))
        assert set(rows_told(parts).values()) == {1}
        async with httpx.AsyncClient(timeout=60) as http:
            totals = (await http.get(f"{appxite}/_sandbox/state")).json()["totals"]
        assert len(rows_told(parts)) == sum(total["lines"] for total in totals if total["month"] == period)
