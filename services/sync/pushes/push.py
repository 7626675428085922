"""Applying a plan: check the ground, write, look for what was lost, read back, prove.

Each of the three functions is a step of the run, and can be killed at any moment and started again. Whatever was
being sent when a process died is looked for before anything is sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog

from services.kit.ledger.work import JobContext
from services.kit.upstream.http import CredentialsRefused, Refused, RightMissing, UpstreamError
from services.kit.upstream.retry import Sleep
from services.sync.additions import repository as additions
from services.sync.additions.written import known_values
from services.sync.mirrors.repository import find_next_invoices
from services.sync.plans import repository as plans
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import WRITES, OperationStatus
from services.sync.psas.port import Psa
from services.sync.pushes import endings, journal, repository
from services.sync.pushes.crew import WritingCrew
from services.sync.pushes.ground_check import compare_ground
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


async def check_ground(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> None:
    """Refuse the plan where people have changed what it stands on; what cannot be read fails alone.

    Raises:
        UpstreamError: the PSA does not answer; nothing was written.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        rows = await plans.list_operations(session, plan_id)
        if _is_begun(rows):
            return
        ground = await plans.list_ground(session, plan_id)
        agreements = {row.agreement_id for row in ground}
        known = known_values(await additions.list_written(session, agreements))
        versions = await additions.read_versions(session, agreements)
        psa = await context.resources.open_psa(session)
    shared = {row.agreement_id for row in ground if versions.get(row.agreement_id, "") != row.version}
    check = await compare_ground(psa, ground, known, shared)
    async with context.writing() as session:
        if check.moved:
            await endings.refuse_ground(session, run_id, plan_id, check.moved)
        else:
            await endings.fail_unreadable(session, rows, check.troubled)


def _is_begun(rows: Sequence[OperationRow]) -> bool:
    return any(row.sent_at is not None or row.settled_at is not None for row in rows)


async def write_operations(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> None:
    """Write what the plan says, or what is left of it.

    Raises:
        UpstreamError: the PSA stopped answering, or refuses everybody; what was done is in the journal.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        rows = await plans.list_operations(session, plan_id)
        ground = await plans.list_ground(session, plan_id)
        psa = await context.resources.open_psa(session, fence=context.fence)
    versions = {row.agreement_id: row.version for row in ground}
    await Push(context, run_id, psa, versions, WAITING).write(rows)


async def prove_writes(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> None:
    """Read everything back, store the receipt, publish the outcomes for billing.

    Raises:
        UpstreamError: the PSA does not answer.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        if await receipts.has_receipt(session, run_id):
            return
        rows = await plans.list_operations(session, plan_id)
        looked_at = {row.agreement_id for row in await plans.list_ground(session, plan_id)}
        agreement_ids = looked_at | {row.agreement_id for row in rows}
        written = await additions.list_written(session, agreement_ids)
        next_invoices = await find_next_invoices(session, agreement_ids)
        psa = await context.resources.open_psa(session)
    proof = await _patiently(WAITING, run_id, lambda: read_back(psa, rows, written, looked_at, next_invoices))
    async with context.writing() as session:
        await endings.close_push(session, run_id, plan_id, rows, proof)


async def _patiently(waiting: Waiting, run_id: UUID, look: Callable[[], Awaitable[FoundT]]) -> FoundT:
    """Look until the PSA answers, or until it has not for all the pauses."""
    for pause in waiting.pauses:
        try:
            return await look()
        except Refused:
            raise
        except UpstreamError as fault:
            log.warning("push waits", run_id=str(run_id), cause=str(fault), seconds=pause)
            await waiting.sleep(pause)
    return await look()


@dataclass(frozen=True, slots=True)
class Push:
    """One run's writes.

    Args:
        versions: agreement → version of what we had written there when it was planned.
    """

    context: JobContext[Any]
    run_id: UUID
    psa: Psa
    versions: Mapping[str, str]
    waiting: Waiting

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
        found = await _patiently(
            self.waiting, self.run_id, lambda: find_lost(self.psa, lost, self.waiting.sleep, looks)
        )
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
        unknown: list[Write] = []
        for pause in (*self.waiting.pauses, None):
            turns = Turns(self.context, self.run_id, self.psa, self.versions)
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
