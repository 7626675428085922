"""Additions that carry parts of several lines, as they were sent: so they are frozen, and corrected. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.billing.rules.book import RateBook
from services.billing.rules.frozen import was_invoiced
from services.billing.rules.line import Line, TrueUp

AS_SENT = "gathered"


@dataclass(frozen=True, slots=True)
class Gathered:
    """One that was sent. `id` stands in the place of a line's, in events and beside its true-ups."""

    id: UUID
    marker: str
    organization_id: str
    agreement_id: str
    currency: str
    amount: Decimal
    bills_from: date | None
    bills_through: date | None
    addition_id: str | None = None
    true_ups: tuple[TrueUp, ...] = ()

    def is_invoiced(self, book: RateBook) -> bool:
        return was_invoiced(self.agreement_id, self.bills_from, book)


Known = Mapping[str, Gathered]
"""Marker → what was sent under it."""


def as_line(gathered: Gathered, like: Line) -> Line:
    """What was sent as the rules for invoiced lines read it: as one line, named like one of those that it carries."""
    return replace(
        like,
        invoice_id="",
        row_id=gathered.marker,
        invoice_number=like.period,
        is_vanished=False,
        sent_fingerprint=AS_SENT,
        sent_marker=gathered.marker,
        sent_recurring=False,
        sent_gathered=True,
        sent_amount=gathered.amount,
        sent_agreement_id=gathered.agreement_id,
        sent_from=gathered.bills_from,
        sent_through=gathered.bills_through,
        sent_start=gathered.bills_from,
        sent_end=gathered.bills_through,
        true_ups=gathered.true_ups,
    )
