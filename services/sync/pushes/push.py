"""Applying a plan: check the ground, write, look for what was lost, read back, prove.

It can be killed at any moment and started again. Before the first intent is committed it begins anew;
after that, whatever was being sent is looked for before anything is sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import structlog

from services.kit.ledger.work import JobContext
from services.kit.upstream.http import CredentialsRefused, Refused, RightMissing, UpstreamError
from services.kit.upstream.retry import Sleep
from services.sync.additions import repository as additions
from services.sync.additions.written import known_values
from services.sync.plans import repository as plans
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import WRITES, OperationStatus
from services.sync.psas.port import Psa
from services.sync.pushes import endings, journal, repository
from services.sync.pushes.crew import WritingCrew
from services.sync.pushes.ground_check import check_ground
from services.sync.pushes.journal import Progress
from services.sync.pushes.proof import read_back
from services.sync.pushes.search import WAITS, find_lost, plan_looks
from services.sync.pushes.turns import Turns
from services.sync.pushes.write import Outcome, Write
from services.sync.receipts import service as receipts
from services.sync.upstreams import Upstreams

log = structlog.get_logger()

FoundT = TypeVar("FoundT")

ROUNDS = 3  # how often a create may be sent, each time only after it was looked for in vain
TROUBLE_PAUSES = (15.0, 30.0, 60.0, 120.0, 240.0)
"""Seconds to wait for a PSA that stopped answering, on top of the client's own patience."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a push waits before it looks again, and before it tries again."""

    looks: tuple[float, ...] = WAITS
    pauses: tuple[float, ...] = TROUBLE_PAUSES
    sleep: Sleep = asyncio.sleep


WAITING = Waiting()


async def push_plan(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> None:
    """Do, or finish, the push of a plan.

    Raises:
        UpstreamError: the PSA stopped answering, or refuses everybody; what was done is in the journal.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        if await receipts.has_receipt(session, run_id):
            return  # an earlier try came to its end
        rows = await plans.list_operations(session, plan_id)
        psa = await context.resources.open_psa(session, fence=context.fence)
    push = Push(context, run_id, plan_id, psa, WAITING)
    if not _is_begun(rows) and not await push.stands():
        return
    await push.write(rows)
    await push.prove()


def _is_begun(rows: Sequence[OperationRow]) -> bool:
    return any(row.sent_at is not None or row.settled_at is not None for row in rows)


@dataclass(slots=True)
class Push:
    """One run's work on one plan."""

    context: JobContext[Any]
    run_id: UUID
    plan_id: UUID
    psa: Psa
    waiting: Waiting
    troubled: dict[str, str] = field(default_factory=dict)
    """Agreements that cannot be read, with the reason: nothing is written on them."""

    async def stands(self) -> bool:
        """Whether the PSA is as the plan found it; if people changed something, the plan is stale and the run fails."""
        async with self.context.reading() as session:
            ground = await plans.list_ground(session, self.plan_id)
            agreements = {row.agreement_id for row in ground}
            known = known_values(await additions.list_written(session, agreements))
            versions = await additions.read_versions(session, agreements)
        shared = {row.agreement_id for row in ground if versions.get(row.agreement_id, "") != row.version}
        check = await check_ground(self.psa, ground, known, shared)
        self.troubled = dict(check.troubled)
        if not check.moved:
            return True
        async with self.context.writing() as session:
            await endings.refuse_ground(session, self.run_id, self.plan_id, check.moved)
        return False

    async def write(self, rows: Sequence[OperationRow]) -> None:
        """Send what is planned, once; look for what may have been sent before it is sent again.

        Raises:
            UpstreamError: the PSA stopped answering, or refuses everybody; what was done is in the journal.
        """
        writes = [Write.of(row) for row in rows if row.kind in WRITES and row.error == ""]
        pending = [each for each in writes if each.row.status == OperationStatus.PLANNED.value]
        doubtful = [
            each for each in writes if each.row.status in (OperationStatus.SENDING.value, OperationStatus.UNKNOWN.value)
        ]
        progress = Progress(len(writes) - len(pending) - len(doubtful), len(writes))
        for _ in range(ROUNDS):
            absent = await self._look_for(doubtful, progress)
            doubtful = await self._send(pending + absent, progress)
            pending = []
            if not doubtful:
                return
        await self._look_for(doubtful, progress)

    async def _look_for(self, doubtful: Sequence[Write], progress: Progress) -> list[Write]:
        """Record those that did arrive; the others may be sent. Changes of absolute values always may."""
        lost = [each for each in doubtful if each.is_create]
        looks = plan_looks(self.waiting.looks, self.psa.list_lag)
        found = await self._patiently(lambda: find_lost(self.psa, lost, self.waiting.sleep, looks))
        arrived = [
            (each, Outcome(each.row.id, OperationStatus.DONE, found[each.row.id]))
            for each in lost
            if each.row.id in found
        ]
        if arrived:
            await journal.record(self.context, self.run_id, arrived, progress)
        absent = [each for each in doubtful if each.row.id not in found]
        if absent:
            async with self.context.writing() as session:
                await repository.mark_unknown(session, [each.row.id for each in absent])
        return absent

    async def _send(self, pending: Sequence[Write], progress: Progress) -> list[Write]:
        """Send all, waiting out trouble that passes; those of unknown outcome."""
        async with self.context.reading() as session:
            ground = await plans.list_ground(session, self.plan_id)
        versions = {row.agreement_id: row.version for row in ground}
        unknown: list[Write] = []
        for pause in (*self.waiting.pauses, None):
            turns = Turns(self.context, self.run_id, self.psa, versions, self.troubled)
            crew = WritingCrew(self.context, self.run_id, self.psa, turns, progress)
            pending = await crew.write(pending)
            unknown += crew.unknown
            if crew.trouble is None:
                break
            if pause is None or isinstance(crew.trouble, CredentialsRefused | RightMissing):
                raise crew.trouble
            log.warning("push waits", run_id=str(self.run_id), cause=str(crew.trouble), seconds=pause)
            await self.waiting.sleep(pause)
        return unknown

    async def _patiently(self, look: Callable[[], Awaitable[FoundT]]) -> FoundT:
        """Look until the PSA answers, or until it has not for all the pauses."""
        for pause in self.waiting.pauses:
            try:
                return await look()
            except Refused:
                raise
            except UpstreamError as fault:
                log.warning("push waits", run_id=str(self.run_id), cause=str(fault), seconds=pause)
                await self.waiting.sleep(pause)
        return await look()

    async def prove(self) -> None:
        """Read everything back, store the receipt, publish the outcomes for billing."""
        async with self.context.reading() as session:
            rows = await plans.list_operations(session, self.plan_id)
            written = await additions.list_written(session, {row.agreement_id for row in rows})
        proof = await self._patiently(lambda: read_back(self.psa, rows, written))
        async with self.context.writing() as session:
            await endings.close_push(session, self.run_id, self.plan_id, rows, proof)
