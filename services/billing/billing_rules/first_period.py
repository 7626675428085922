"""The first period that is billed from here: what a change of it does to lines that are not sent."""

from collections.abc import Iterable

from services.billing.billing_rules.schemas import FirstPeriodEffect
from services.billing.lines import repository as lines
from services.billing.lines.repository import Subtotal
from services.contracts.events.billing import RulesChanged
from services.contracts.shapes import Tally
from services.contracts.vocabulary import LineStatus
from services.kit.base.db import ReadSession

EARLIEST = "0001-01"
"""Without a first period, every month is billed."""
_STAYS = (LineStatus.SENT, LineStatus.EXCLUDED, LineStatus.BILLED_BEFORE)


async def foresee_first_period(session: ReadSession, before: str | None, after: str | None) -> FirstPeriodEffect:
    """Which lines become billed before go-live, and which are freed because the first period moves earlier."""
    old, new = before or EARLIEST, after or EARLIEST
    closed = await lines.read_subtotals_between(session, first=old, until=new)
    freed = await lines.read_subtotals_between(session, first=new, until=old)
    return FirstPeriodEffect(
        first_period=after,
        becomes_billed_before=_tally(each for each in closed if each.status not in _STAYS),
        becomes_sendable=_tally(each for each in freed if each.status is LineStatus.BILLED_BEFORE),
        stays_sent=_tally(each for each in closed if each.status is LineStatus.SENT),
    )


def find_moved_months(fact: RulesChanged) -> tuple[str, str] | None:
    """The months for which a change of the rules decides anew: the first one, and the one after the last."""
    for change in fact.changes:
        if change.field == "first_period":
            first, last = sorted((str(change.before or EARLIEST), str(change.after or EARLIEST)))
            return first, last
    return None


def _tally(subtotals: Iterable[Subtotal]) -> Tally:
    return sum((Tally(count=each.count, amounts={each.currency: each.amount}) for each in subtotals), Tally(count=0))
