"""What is shown of facts that were not delivered."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field


class Undelivered(BaseModel):
    """One fact that one service could not take in. It rests: nobody tries again until it is asked for."""

    event_id: UUID
    consumer: str
    """The queue it was meant for, as `billing`, or `sync.runs` for a job that sync ordered of itself."""
    type: str
    subject: str
    """What it is about, as `noun/id`."""
    occurred_at: AwareDatetime
    rested_at: AwareDatetime
    attempts: int
    error: str
    """What went wrong at the last attempt."""


class DeliveryKey(BaseModel):
    event_id: UUID
    consumer: str = Field(max_length=40)


class RetryRequest(BaseModel):
    """Which to try again; all that rest where none are named."""

    deliveries: list[DeliveryKey] | None = Field(default=None, max_length=100)


class RetryAnswer(BaseModel):
    """How many went back to work. Those that no longer rest are left alone."""

    retried: int
