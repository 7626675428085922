"""What audit tells: what a person did about facts that no service took in."""

from collections import Counter
from typing import ClassVar
from uuid import UUID

from services.contracts.envelope import Event, Headline
from services.contracts.shapes import Shape
from services.contracts.vocabulary import LogLevel


class RetriedDelivery(Shape):
    """A fact and the queue it goes to once more."""

    event_id: UUID
    consumer: str


class DeliveriesRetried(Event):
    """A person put facts back to work that had been given up."""

    type: ClassVar[str] = "audit.deliveries.retried.v1"
    deliveries: list[RetriedDelivery]

    def headline(self) -> Headline:
        consumers = Counter(each.consumer for each in self.deliveries)
        details = ", ".join(f"{count} for {consumer}" for consumer, count in sorted(consumers.items()))
        return Headline(level=LogLevel.INFO, title="Facts not taken in go to work again", details=details)
