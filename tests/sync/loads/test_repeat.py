"""A step that is repeated, wherever it broke off, publishes each row exactly once."""

from typing import Any

import pytest

from services.contracts.events.sync import RowsLoaded, RunFinished
from services.contracts.vocabulary import RunStatus
from services.sync.loads import fetching, publishing, rows
from services.sync.loads.publishing import publish_parts
from services.sync.runs.service import show_run
from tests.sync.conftest import Partner, StandIns
from tests.sync.loads.month import BOTH_PROFILES, ask, expected, rows_told, use_profile


class Brittle:
    """Publishes parts until its strength is used up; each restart has a little more."""

    def __init__(self) -> None:
        self.strength = self.left = 0

    def restart(self) -> None:
        self.strength += 1
        self.left = self.strength

    async def publish_parts(self, *args: Any) -> None:
        if self.left == 0:
            raise RuntimeError("the worker dies here")
        self.left -= 1
        await publish_parts(*args)


@pytest.fixture
def brittle(monkeypatch: pytest.MonkeyPatch) -> Brittle:
    worker = Brittle()
    monkeypatch.setattr(publishing, "publish_parts", worker.publish_parts)
    monkeypatch.setattr(publishing, "SLICE_ROWS", 20)
    monkeypatch.setattr(rows, "BATCH_ROWS", 30)
    return worker


class TestRepeatedStep:
    @pytest.mark.parametrize("written_at_once", [7, 5_000])
    @BOTH_PROFILES
    async def test_a_step_that_broke_off_anywhere_publishes_each_row_once(
        self,
        partner: Partner,
        stand_ins: StandIns,
        monkeypatch: pytest.MonkeyPatch,
        brittle: Brittle,
        profile: str,
        written_at_once: int,
    ) -> None:
        monkeypatch.setattr(fetching, "WRITE_ROWS", written_at_once)
        await use_profile(partner, profile)
        run = await ask(partner)
        while not await partner.facts(RunFinished):
            brittle.restart()
            await partner.settle(retry=True)
        assert brittle.strength >= 2
        parts = await partner.facts(RowsLoaded)
        assert [part.part for part in parts] == list(range(len(parts)))
        assert set(rows_told(parts).values()) == {1}
        async with partner.database.reading(partner.circumstances) as session:
            done = await show_run(session, run.id)
        assert done.status is RunStatus.SUCCEEDED
        assert (done.outcomes["held"].count, done.outcomes["held"].amounts) == await expected(stand_ins)
