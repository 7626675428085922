"""Long work under a lease: many short transactions, steps that can be repeated, one worker at a time.

While a job runs, a heartbeat keeps its lease; when its process dies, the lease runs out after
LEASE_SECONDS and the sweep rings another worker, which starts the job again. So a job is written to
find out what it has already done. A lost lease cancels the job, and a transaction that it still has
open cannot commit.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog

from services.kit.base.db import Circumstances, Database, ReadSession, WriteSession
from services.kit.base.deadline import end, within
from services.kit.base.ids import new_id
from services.kit.base.log import own_log_context
from services.kit.ledger import lease
from services.kit.ledger.attempts import JOB_TASKS, note_failure
from services.kit.ledger.jobs import Job, OrderedJob
from services.kit.ledger.lease import LeaseLost

__all__ = ["LEASE_SECONDS", "JobContext", "JobFunction", "Jobs", "LeaseLost", "handle_work"]

log = structlog.get_logger()

LEASE_SECONDS = 20.0  # a dead worker's job waits this long; a heartbeat every third of it survives a slow database

ResourcesT = TypeVar("ResourcesT")


@dataclass(slots=True)
class LeaseClock:
    """Until when this process surely holds its lease, by its own monotonic clock, which runs on while it is stopped.

    It counts from before the database was asked, so no other worker can take the lease over any sooner.
    """

    held_until: float

    def check(self) -> None:
        """Raise LeaseLost when the lease may have ended: what is about to be sent must not leave."""
        if time.monotonic() >= self.held_until:
            raise LeaseLost


@dataclass(frozen=True, slots=True)
class JobContext(Generic[ResourcesT]):
    """What a job works with: transactions in the name of who ordered it, and its service's resources."""

    database: Database
    circumstances: Circumstances
    resources: ResourcesT
    lease_id: UUID | None = None
    lease_clock: LeaseClock | None = None

    def fence(self) -> None:
        """Raise LeaseLost unless the lease is surely held. Call it immediately before a write leaves the process."""
        if self.lease_clock is not None:
            self.lease_clock.check()

    @property
    def partner_id(self) -> UUID:
        return self.circumstances.partner_id

    def reading(self) -> AbstractAsyncContextManager[ReadSession]:
        return self.database.reading(self.circumstances)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """A transaction that commits only while the job's lease is held; LeaseLost otherwise."""
        async with self.database.writing(self.circumstances) as session:
            yield session
            if self.lease_id is not None:
                await lease.keep_until_commit(session, self.lease_id)


JobFunction = Callable[[JobContext[Any], Any], Awaitable[None]]
Jobs = Mapping[type[Job], JobFunction]
"""Who does what: the second argument of each function is the job with its arguments."""


class UnknownJob(Exception):
    """A job that this build has no function for; it stays in the ledger for a newer process."""


async def handle_work(
    database: Database, consumer: str, job_id: UUID, jobs: Jobs, resources: object, *, seconds: float | None = None
) -> bool:
    """Do a job under a lease; False when there was nothing to do or it failed.

    Args:
        seconds: how long it may take; after that it counts as failed.
    """
    lease_id = new_id()
    with own_log_context(consumer=consumer, job_id=str(job_id)):
        try:
            lease_clock = LeaseClock(time.monotonic() + LEASE_SECONDS)
            async with database.relaying() as session:
                ordered = await lease.take(session, consumer, job_id, lease_id, LEASE_SECONDS)
            if ordered is None:
                return False
            structlog.contextvars.bind_contextvars(
                correlation_id=ordered.correlation_id, job=ordered.name, partner=str(ordered.partner_id)
            )
            circumstances = ordered.circumstances(database.service)
            context = JobContext(database, circumstances, resources, lease_id, lease_clock)
            do, job = _find_function(jobs, ordered)
            async with within(seconds):
                await _run_under_lease(database, lease_id, lease_clock, do(context, job))
            async with database.relaying() as session:
                return await lease.finish(session, lease_id)
        except asyncio.CancelledError:
            await _hand_back(database, lease_id)
            raise
        except LeaseLost:
            log.warning("lease lost")
        except Exception as error:  # noqa: BLE001 - any failure is recorded on the job and retried from there
            await note_failure(database, JOB_TASKS, consumer, job_id, error, lease.is_mine(lease_id))
        return False


def _find_function(jobs: Jobs, ordered: OrderedJob) -> tuple[JobFunction, Job]:
    for kind, do in jobs.items():
        if kind.name == ordered.name:
            return do, kind.model_validate(ordered.arguments)
    raise UnknownJob(f"this build does not know jobs named {ordered.name}")


async def _run_under_lease(database: Database, lease_id: UUID, lease_clock: LeaseClock, job: Awaitable[None]) -> None:
    """Run a job until it ends or its lease is lost, whichever comes first; nothing is left running."""
    work = asyncio.ensure_future(job)
    watch = asyncio.create_task(_keep_lease(database, lease_id, lease_clock))
    try:
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise LeaseLost
        work.result()
    finally:
        await end(work, watch)


async def _keep_lease(database: Database, lease_id: UUID, lease_clock: LeaseClock) -> None:
    """Prolong a lease for ever; returns when it is lost, or may be.

    A database that does not answer is asked again until the lease would have ended, by this clock: it was
    prolonged after `asked`, so no other worker can have taken it over before.
    """
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        asked = time.monotonic()
        try:
            async with asyncio.timeout(max(lease_clock.held_until - asked, 1)), database.relaying() as session:
                if not await lease.prolong(session, lease_id, LEASE_SECONDS):
                    return
            lease_clock.held_until = asked + LEASE_SECONDS
        except Exception as error:  # noqa: BLE001 - whatever keeps the database from answering may pass
            log.warning("could not prolong the lease", error=f"{type(error).__name__}: {error}")
            if time.monotonic() >= lease_clock.held_until:
                return


async def _hand_back(database: Database, lease_id: UUID) -> None:
    """Let the next worker begin at once; where that fails the lease ends by itself."""
    with contextlib.suppress(Exception):
        async with database.relaying() as session:
            await lease.release(session, lease_id)
