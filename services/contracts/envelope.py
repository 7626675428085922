"""The envelope that every event travels in, and the base of what it carries.

A type reads `<producer>.<subject>.<past participle>.v<major>`. Within a version only optional
fields are added; anything else is a new class, and both are sent while a consumer lists the old one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.contracts.vocabulary import LogLevel


class Event(BaseModel):
    """What one event says. Subclasses name their `type` and say how people read it in the log."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    bulk: ClassVar[bool] = False
    """Bulk facts carry up to 500 rows: the audit trail keeps their digest and summary, not the rows."""

    def headline(self) -> "Headline | None":
        """The system-log row of this fact; None where people do not need one."""
        return None


class Headline(BaseModel):
    """One system-log row: level, title line, details line."""

    model_config = ConfigDict(frozen=True)

    level: LogLevel
    title: str
    details: str = ""


class Actor(BaseModel):
    """Who made a fact true: a person, a token, or the system itself."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str


SYSTEM_ACTOR = Actor(id="system", name="Tieout")

EventT = TypeVar("EventT", bound=Event)
ItemT = TypeVar("ItemT")


class Envelope(BaseModel, Generic[EventT]):
    """A fact with its circumstances. `sequence` counts per subject, so stale news can be dropped."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    type: str
    source: str
    partner_id: UUID
    subject: str
    sequence: int
    occurred_at: AwareDatetime
    correlation_id: str
    causation_id: UUID | None
    actor: Actor
    data: EventT


MAX_ROWS_PER_CHUNK = 500  # keeps one handler's transaction well under a second


def cut_by_weight(rows: Iterable[ItemT], weigh: Callable[[ItemT], int], most: int) -> Iterator[list[ItemT]]:
    """Slices in order, each of at most so much weight; what weighs more alone is a slice of its own."""
    some: list[ItemT] = []
    weight = 0
    for each in rows:
        if some and weight + weigh(each) > most:
            yield some
            some, weight = [], 0
        some.append(each)
        weight += weigh(each)
    if some:
        yield some


__all__ = ["MAX_ROWS_PER_CHUNK", "SYSTEM_ACTOR", "Actor", "Envelope", "Event", "EventT", "Headline", "cut_by_weight"]
