"""Jobs: long work that a service orders of itself, in the transaction that makes the work necessary.

A job is a row with typed arguments, not a published fact: nobody else hears of it. It is rung, swept, retried
and laid to rest as deliveries are, and done under a lease (`kit.ledger.work`).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, insert

from services.contracts.envelope import Actor
from services.kit.base.db import Bell, Circumstances, WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger.attempts import RING_GRACE
from services.kit.ledger.models import JOBS


class Job(BaseModel):
    """What is to be done, and with what. Subclasses give their arguments as fields and a `name` for ever."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class OrderedJob:
    """A job as it was ordered, and in whose name."""

    id: UUID
    name: str
    arguments: dict[str, Any]
    partner_id: UUID
    correlation_id: str
    causation_id: UUID | None
    actor: Actor

    def circumstances(self, service: str) -> Circumstances:
        """What a service does because of a job, it does in the name of who ordered it, caused by the same event."""
        return Circumstances(
            partner_id=self.partner_id,
            source=service,
            correlation_id=self.correlation_id,
            actor=self.actor,
            causation_id=self.causation_id,
        )


async def order(
    session: WriteSession,
    consumer: str,
    job: Job,
    subject: str,
    *,
    wait: timedelta | None = None,
    causation_id: UUID | None = None,
) -> UUID:
    """Order a job in the session's transaction; its consumer is rung after commit.

    Args:
        subject: what the job is about, `<noun>/<id>`, for people who find it at rest.
        wait: do not begin before; the sweep rings it then.
        causation_id: the event that caused it, where that is not the one the session acts upon.
    """
    circumstances = session.circumstances
    job_id = new_id()
    await session.execute(
        insert(JOBS).values(
            id=job_id,
            consumer=consumer,
            partner_id=circumstances.partner_id,
            name=job.name,
            subject=subject,
            arguments=job.model_dump(mode="json"),
            actor=circumstances.actor.model_dump(),
            correlation_id=circumstances.correlation_id,
            causation_id=causation_id or circumstances.causation_id,
            next_attempt_at=func.now() + (RING_GRACE if wait is None else wait),
        )
    )
    if wait is None:
        session.bells.append(Bell(consumer, job_id))
    return job_id
