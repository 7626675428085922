"""Long work under a lease: many short transactions, steps that can be repeated, one worker at a time.

While a job runs, a heartbeat keeps its lease; when its process dies, the lease runs out after
LEASE_SECONDS and the sweep rings another worker, which starts the job again. So a job is written to
find out what it has already done, and a lost lease cancels it before it can do anything twice.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog

from services.contracts.envelope import Envelope, Fact
from services.kit import bus
from services.kit.db import Circumstances, Database, ReadSession, WriteSession
from services.kit.ids import new_id

log = structlog.get_logger()

LEASE_SECONDS = 20  # a dead worker's job waits this long; a heartbeat every third of it survives a slow database

ResourcesT = TypeVar("ResourcesT")


class LeaseLost(Exception):
    """Another worker has taken this job over; whatever it was doing stops here."""


@dataclass(frozen=True, slots=True)
class JobContext(Generic[ResourcesT]):
    """What a job works with: transactions in its event's circumstances, and its service's resources."""

    database: Database
    circumstances: Circumstances
    resources: ResourcesT

    @property
    def partner_id(self) -> UUID:
        return self.circumstances.partner_id

    def reading(self) -> AbstractAsyncContextManager[ReadSession]:
        return self.database.reading(self.circumstances)

    def writing(self) -> AbstractAsyncContextManager[WriteSession]:
        return self.database.writing(self.circumstances)


Job = Callable[[JobContext[Any], Envelope[Any]], Awaitable[None]]
Jobs = Mapping[type[Fact], Job]


async def handle_work(database: Database, consumer: str, event_id: UUID, jobs: Jobs, resources: object) -> bool:
    """Run the job of a delivery under a lease; False when there was nothing to do or it failed."""
    lease_id = new_id()
    try:
        async with database.relaying() as session:
            envelope = await bus.lease(session, consumer, event_id, lease_id, LEASE_SECONDS)
        if envelope is None:
            return False
        context = JobContext(database, bus.circumstances_of(database.service, envelope), resources)
        async with _heartbeat(database, lease_id):
            await bus.find_handler(jobs, envelope)(context, envelope)
    except asyncio.CancelledError:
        async with database.relaying() as session:
            await bus.release_lease(session, lease_id)
        raise
    except LeaseLost:
        log.warning("lease lost", consumer=consumer, event_id=str(event_id))
        return False
    except Exception as error:  # noqa: BLE001 - any failure is recorded on the delivery and retried from there
        await bus.note_failure(database, consumer, event_id, error)
        return False
    async with database.relaying() as session:
        await bus.finish_lease(session, lease_id)
    return True


@asynccontextmanager
async def _heartbeat(database: Database, lease_id: UUID) -> AsyncIterator[None]:
    worker = asyncio.current_task()
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            async with database.relaying() as session:
                kept = await bus.prolong(session, lease_id, LEASE_SECONDS)
            if not kept and worker is not None:
                lost = True
                worker.cancel()
                return

    heart = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost and worker is not None:
            worker.uncancel()
            raise LeaseLost from None
        raise
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)
