"""The desk while real workers do sync's work: billing answers, and a test waits for what the workers make of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.contracts.vocabulary import PlanStatus
from services.kit.ledger.models import DeliveryRow, JobRow
from services.sync.plans.schemas import PlanOut
from services.sync.runs.jobs import WatchRun
from services.sync.runs.schemas import RunOut
from tests.sync.plans.desk import PERIOD, Desk

PATIENCE = 45.0


@dataclass
class FarDesk(Desk):
    async def answer_until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Let billing answer what it is asked until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not await is_so():
                await self.acknowledge()
                await asyncio.sleep(0.03)

    async def plan(self, period: str = PERIOD, **scope: Any) -> PlanOut:
        asked = await self.request(period, **scope)

        async def is_computed() -> bool:
            return (await self.show(asked.id)).status is not PlanStatus.COMPUTING

        await self.answer_until(is_computed)
        plan = await self.show(asked.id)
        assert plan.status is PlanStatus.READY, (plan.error, plan.moved)
        return plan

    async def finish(self, run_id: UUID) -> RunOut:
        """The run after its end."""

        async def is_over() -> bool:
            return (await self.run(run_id)).status.is_final

        await self.answer_until(is_over)
        return await self.run(run_id)

    async def push(self, period: str = PERIOD) -> RunOut:
        plan = await self.plan(period)
        asked = await self.apply(plan.id)
        return await self.finish(asked.id)

    async def settle_all(self) -> None:
        """Until nothing of sync's or billing's is due. Who watches over a run comes after it, and finds it over."""

        async def is_settled() -> bool:
            return not await self._list_open()

        await self.answer_until(is_settled)

    async def _list_open(self) -> list[str]:
        async with self.database.relaying() as session:
            deliveries = select(DeliveryRow.consumer).where(
                DeliveryRow.handled_at.is_(None), DeliveryRow.consumer != "audit"
            )
            jobs = select(JobRow.name).where(JobRow.handled_at.is_(None), JobRow.name != WatchRun.name)
            return [*await session.scalars(deliveries), *await session.scalars(jobs)]

    async def list_resting(self) -> list[str | None]:
        """The errors of deliveries and jobs that nobody tries any more."""
        async with self.database.relaying() as session:
            deliveries = select(DeliveryRow.last_error).where(DeliveryRow.rested_at.is_not(None))
            jobs = select(JobRow.last_error).where(JobRow.rested_at.is_not(None))
            return [*await session.scalars(deliveries), *await session.scalars(jobs)]
