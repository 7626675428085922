"""Which recurring lines of a subscription may drive its addition, where a month brings several. Pure.

Most often all of them bill in one period, and `choose_driver` decides. Left out of that choice are lines that go on
undisturbed, because they drive an addition that another line only goes on from; and lines that would set a wrong price
for the months to come: a part of a cycle beside a whole one, and a charge of an earlier period than another.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.billing.rules.book import RateBook
from services.billing.rules.continuity import Place
from services.billing.rules.line import Line
from services.billing.rules.recurrence import TOLERANCE, end_of_cycle
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
        together[each.rated.agreement_id, each.line.subscription_id].append(index)
    settled: set[int] = set()
    following: set[int] = set()
    for indexes in together.values():
        if len(indexes) > 1:
            rows = [_read(index, planned[index], books[index]) for index in indexes]
            undisturbed, contesting = _divide([row for row in rows if row])
            settled |= undisturbed
            following |= set(indexes) - undisturbed - contesting
    return settled, following


def _read(index: int, planned: Rateable, book: RateBook) -> _Row | None:
    place = place_line(planned, book)
    if place is None:
        return None
    line, agreement_id = planned.line, planned.rated.agreement_id or ""
    limit = end_of_cycle(line.charge_start, book.terms.get(agreement_id))
    is_part = limit is not None and line.charge_end is not None and limit - line.charge_end > TOLERANCE
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
