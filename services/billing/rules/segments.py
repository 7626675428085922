"""Places of the lines of a plan in the life of their persistent additions, and which segments are over by now. Pure."""

from collections.abc import Iterator, Mapping
from typing import Protocol
from uuid import UUID

from services.billing.rules.book import RateBook
from services.billing.rules.continuity import Charge, Place, Step, find_last_day, find_place
from services.billing.rules.line import Line, Rated
from services.billing.rules.persistent import PersistentAddition, spell_money
from services.contracts.invoicing.periods import add_days
from services.contracts.shapes import Closing

OVER = "It bills up to {day}: from {first} on, another addition carries the charges of the subscription."


class Rateable(Protocol):
    """A line with what the rules said about it."""

    @property
    def line(self) -> Line: ...
    @property
    def rated(self) -> Rated: ...


def place_line(planned: Rateable, book: RateBook) -> Place | None:
    """The place of a line as it was rated; None where it is not recurring."""
    line, rated = planned.line, planned.rated
    if not rated.is_recurring or rated.agreement_id is None:
        return None
    money = spell_rated_money(rated)
    known = book.running.get((rated.agreement_id, line.subscription_id))
    return find_place(Charge(line, rated.start.value, rated.amount, money), book.terms.get(rated.agreement_id), known)


def find_segment(marker: str, known: PersistentAddition | None) -> int:
    """The number of the segment that carries a marker; of one that nobody knows yet, the next."""
    if known is None:
        return 1
    carrier = known.find_segment(marker)
    return carrier.segment if carrier else known.segment + 1


def spell_rated_money(rated: Rated) -> str:
    """See `spell_money`."""
    return spell_money(rated.quantity, rated.unit_price, rated.product_id, rated.bill_option, taxable=rated.taxable)


def find_closings(planned: Rateable, place: Place, book: RateBook) -> Iterator[Closing]:
    """The segments before the one that a line is sent as, until their end is known."""
    line, agreement_id = planned.line, planned.rated.agreement_id or ""
    known, terms = book.running.get((agreement_id, line.subscription_id)), book.terms.get(agreement_id)
    for each in known.segments if known else ():
        day = None if each.is_ended or each.segment >= place.segment else find_last_day(each, terms)
        if day and place.home:
            # A row that has left its segment with new values drives it still, as far as that is known.
            day = min(day, add_days(place.home.first, -1))
            words = OVER.format(day=day, first=place.home.first)
            yield Closing(
                marker=each.marker,
                agreement_id=agreement_id,
                subscription_id=line.subscription_id,
                last_billed_day=day,
                explanation=words,
            )


def find_passed(places: Mapping[UUID, tuple[Rateable, Place]]) -> set[UUID]:
    """Lines whose addition a later charge of the same plan goes on with: it will hold the values of that one."""

    def key(planned: Rateable, place: Place) -> tuple[str | None, str, int]:
        return planned.rated.agreement_id, planned.line.subscription_id, place.segment

    taken = {key(*each) for each in places.values() if each[1].is_advancing}
    return {line_id for line_id, each in places.items() if each[1].step is Step.SAME and key(*each) in taken}
