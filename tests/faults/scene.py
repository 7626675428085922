"""One push that meets trouble: what was planned, what goes wrong, and what must be true in the end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.contracts.vocabulary import RunStatus
from services.sync.plans.schemas import PlanSummary
from services.sync.runs.schemas import RunOut
from tests.faults.desk import FarDesk
from tests.faults.house import House
from tests.faults.wire import Wire
from tests.faults.world import JUNE, Held, read_books


@dataclass(frozen=True)
class Act:
    """A plan that is ready to be applied: `writes` operations, each by `verb`."""

    plan_id: UUID
    verb: str
    outcomes: dict[str, int]
    expected: Sequence[Held]
    """ConnectWise's books after it."""
    rows: int
    """Invoice rows that the receipt examines."""
    again: PlanSummary
    """The next plan about the same."""
    period: str = JUNE


@dataclass
class Scene:
    house: House
    desk: FarDesk
    wire: Wire
    act: Act | None = None
    _faults: list[int] = field(default_factory=list)

    @property
    def set_up(self) -> Act:
        assert self.act is not None
        return self.act

    async def fault(self, kind: str, **order: Any) -> None:
        """Let something go wrong with the writes of this act."""
        placed = await self.house.connectwise.order(
            "faults", kind=kind, **{"method": self.set_up.verb, "path": "*/additions*", **order}
        )
        self._faults.append(placed["id"])

    async def begin(self) -> UUID:
        """Apply the plan; the worker begins at once."""
        return (await self.desk.apply(self.set_up.plan_id)).id

    async def push(self) -> RunOut:
        run = await self.desk.finish(await self.begin())
        assert await self.count_struck() > 0, "the push met no trouble"
        return run

    async def count_struck(self) -> int:
        placed = await self.house.connectwise.show("faults")
        return sum(each["struck"] for each in placed if each["id"] in self._faults)

    async def wait_until_struck(self, count: int) -> None:
        """Until so many calls have met their fault, and what is done of them is done."""
        async with asyncio.timeout(20):
            while await self.count_struck() < count:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.15)

    async def count_writes(self) -> int:
        return int((await self.house.connectwise.show("calls"))["writes"])

    async def count_calls(self, method: str, rest: str = "") -> int:
        """How often additions were asked for: lists and creates, or single ones where `rest` is `/{id}`."""
        calls = (await self.house.connectwise.show("calls"))["calls"]
        path = f"/finance/agreements/{{id}}/additions{rest}"
        return sum(each["count"] for each in calls if (each["method"], each["path"]) == (method, path))

    async def prove(self, run: RunOut) -> None:
        """Exactly what was wanted, by the stand-in's own books; a receipt; nothing left over; nothing left to do."""
        act = self.set_up
        assert (run.status, run.error) == (RunStatus.SUCCEEDED, ""), run
        receipt = await self.desk.receipt(run.id)
        assert {name: tally.count for name, tally in run.outcomes.items()} == act.outcomes, receipt.failures
        assert (receipt.ties_out, receipt.failures, receipt.unsent, receipt.examined) == (True, [], [], act.rows), (
            receipt
        )
        await self.desk.settle_all()
        resting = await self.desk.list_resting()
        assert resting == [], resting
        plan = await self.desk.plan(act.period)
        assert plan.summary == act.again, plan
        await self.house.connectwise.order("behaviour", list_lag_seconds=0)
        books = await read_books(self.house.connectwise.address)
        assert books == list(act.expected), books
