"""Which recurring lines of a subscription may drive its addition, where a month brings several. Pure.

Most often all of them bill in one period, and `choose_driver` decides. Left out of that choice are lines that go on
undisturbed, because they drive an addition that another line only goes on from; and lines that would set a wrong price
for the months to come: a part of a cycle beside a whole or longer one, and a charge of an earlier period than another.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.billing.rules.book import RateBook
from services.billing.rules.continuity import Place
from services.billing.rules.line import Line
from services.billing.rules.recurrence import is_longer_than_cycle, is_part_of_cycle
from services.billing.rules.segments import Rateable, place_line


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    line: Line
    place: Place
    is_part: bool
    """It covers less than a cycle of the agreement."""
    is_newest: bool
    """No segment comes after the one that it belongs to."""

    @property
    def is_driving(self) -> bool:
        running = self.place.running
        return running is not None and running.is_driven_by(self.line)

    @property
    def is_over(self) -> bool:
        return self.place.is_superseded or not self.is_newest


def find_contest(planned: Sequence[Rateable], books: Sequence[RateBook]) -> tuple[set[int], set[int]]:
    """Positions of the lines that go on undisturbed, and of those that must not drive; the others contest.

    Args:
        planned: recurring lines that go out.
        books: of each line, the book of its rules.
    """
    together = defaultdict(list)
    for index, each in enumerate(planned):
        together[_share(each)].append(index)
    settled: set[int] = set()
    following: set[int] = set()
    for indexes in together.values():
        if len(indexes) > 1:
            rows = [_read(index, planned[index], books[index]) for index in indexes]
            undisturbed, contesting = _divide([row for row in rows if row])
            settled |= undisturbed
            following |= set(indexes) - undisturbed - contesting
    return settled, following


def find_parts(planned: Sequence[Rateable], books: Sequence[RateBook]) -> set[int]:
    """Positions of parts of a cycle beside a charge of the subscription that is longer than a cycle.

    The longest charge drives, and that one bills once. A part that went on as the subscription's addition would bill
    a few days' money every month.

    Args:
        planned: lines that are charged, whatever they become.
        books: of each line, the book of its rules.
    """
    rows = [(each, book.terms.get(each.rated.agreement_id or "")) for each, book in zip(planned, books, strict=True)]
    long = {_share(each) for each, terms in rows if _recurs(each) and is_longer_than_cycle(each.line, terms)}
    return {
        index
        for index, (each, terms) in enumerate(rows)
        if each.rated.is_recurring and _share(each) in long and is_part_of_cycle(each.line, terms)
    }


def _recurs(planned: Rateable) -> bool:
    charge_type = planned.rated.charge_type
    return charge_type is not None and charge_type.is_recurring and not planned.line.is_custom


def _share(planned: Rateable) -> tuple[str | None, str]:
    return planned.rated.agreement_id, planned.line.subscription_id


def _read(index: int, planned: Rateable, book: RateBook) -> _Row | None:
    place = place_line(planned, book)
    if place is None:
        return None
    line, agreement_id = planned.line, planned.rated.agreement_id or ""
    is_part = is_part_of_cycle(line, book.terms.get(agreement_id))
    known = book.running.get((agreement_id, line.subscription_id))
    return _Row(index, line, place, is_part, known is None or place.segment >= known.segment)


def _divide(rows: Iterable[_Row]) -> tuple[set[int], set[int]]:
    settled = {row.index for row in rows if row.is_over}
    left = [row for row in rows if not row.is_over]
    if advancing := [row for row in left if row.place.is_advancing]:
        settled |= {row.index for row in left if row.is_driving}
        left = advancing
    left = [row for row in left if not row.is_part] or left
    latest = max((_first_day(row) for row in left), default=date.min)
    return settled, {row.index for row in left if _first_day(row) == latest}


def _first_day(row: _Row) -> date:
    return row.place.home.first if row.place.home else date.min
