"""Which charge stands behind an addition of ours now, where the plan does not name it any more. Pure.

The line that carried it may have moved to another addition, or stay behind; its subscription may be charged under
another marker; or the month brings no charge at all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.contracts.periods import period_of
from services.contracts.shapes import DesiredAddition, UnsentLine
from services.contracts.vocabulary import DropRule, HoldReason, LineStatus, UndecidedCause
from services.sync.additions.written import Written
from services.sync.loads.charges import Charge

_ORDER = (
    UndecidedCause.VANISHED,
    UndecidedCause.EXCLUDED,
    UndecidedCause.DROPPED,
    UndecidedCause.FREE,
    UndecidedCause.HELD,
)
"""Of several lines that stay behind, the first of these speaks for an addition."""
_SENTENCES = {
    UndecidedCause.VANISHED: "Its line is no longer on the invoice.",
    UndecidedCause.EXCLUDED: "Its line, or the customer, is excluded.",
    UndecidedCause.DROPPED: "Its line is a credit now, and a rule drops it.",
    UndecidedCause.FREE: "Its line charges nothing.",
    UndecidedCause.HELD: "Its line is held.",
}


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Why nothing of the plan names an addition. Either its charge goes elsewhere, or it has a cause, or it is due."""

    explanation: str
    elsewhere: DesiredAddition | None = None
    """What carries its charge now."""
    cause: UndecidedCause | None = None
    """None with nothing elsewhere: the charge is still to come."""
    is_withdrawn: bool = False
    """Its newest line stands behind it no more; otherwise that line is the last that does."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What billing answered and AppXite charges, by what finds it for an addition."""

    named: frozenset[str]
    moved: Mapping[str, DesiredAddition]
    """Marker that a line has left → where the line stands now."""
    lines: Mapping[UUID, DesiredAddition]
    persistent: Mapping[str, DesiredAddition]
    """Subscription → its persistent addition."""
    one_time: Mapping[str, DesiredAddition]
    """Subscription → the one-time addition that carries a recurring charge of it."""
    unsent_markers: Mapping[str, Sequence[UnsentLine]]
    unsent_lines: Mapping[UUID, UnsentLine]
    unsent_subscriptions: Mapping[str, Sequence[UnsentLine]]
    charged: frozenset[str]
    """Subscriptions for which the period brings a recurring charge, wherever that goes."""
    complete: frozenset[str] = field(default_factory=frozenset)
    """Customers, by id, whose month is complete."""
    asks_absent: bool = True
    """False for a plan of single lines: it does not know what else is charged."""

    def explain(self, written: Written, last_day: date) -> Unclaimed | None:
        """Why nothing names an addition; None where that is as it should be.

        Args:
            last_day: of the plan's period.
        """
        if written.marker in self.named:
            return None
        if moved := self._find_moved(written):
            return moved
        own = self._find_own_line(written)
        if own is not None and _is_taken_over(own):
            return None
        if written.is_recurring and written.subscription_id:
            return self._explain_persistent(written, own, last_day)
        # Of one that carried several lines, none is its own; none of them goes out any more.
        behind = [own] if own else self.unsent_markers.get(written.marker, ())
        return _stays_behind(behind, is_withdrawn=True) if behind else None

    def _explain_persistent(self, written: Written, own: UnsentLine | None, last_day: date) -> Unclaimed | None:
        if own is None and _is_charged_after(written, last_day):
            return None  # a later month has charged it, and a later plan looks after it
        behind = [*([own] if own else []), *self.unsent_subscriptions.get(written.subscription_id, ())]
        if there := self._find_elsewhere(written.subscription_id, behind):
            return Unclaimed(_say_elsewhere(there), elsewhere=there, is_withdrawn=own is not None)
        if behind:
            return _stays_behind(behind, is_withdrawn=own is not None)
        return self._explain_absence(written)

    def _find_elsewhere(self, subscription_id: str, behind: Sequence[UnsentLine]) -> DesiredAddition | None:
        """What carries the subscription's charge now: another persistent addition, or a one-time one in its stead."""
        if there := self.persistent.get(subscription_id):
            return there
        # A monthly charge has become an annual one, unless a line that stays behind is the monthly one.
        return self.one_time.get(subscription_id) if all(_has_vanished(line) for line in behind) else None

    def _find_moved(self, written: Written) -> Unclaimed | None:
        now = self.moved.get(written.marker)
        if now is None and written.line_id is not None:
            now = self.lines.get(written.line_id)
        return Unclaimed(_say_elsewhere(now), elsewhere=now, is_withdrawn=True) if now else None

    def _find_own_line(self, written: Written) -> UnsentLine | None:
        """The line that it was pushed for last, where that stays behind now."""
        if written.line_id is not None:
            return self.unsent_lines.get(written.line_id)
        return next(iter(self.unsent_markers.get(written.marker, ())), None)

    def _explain_absence(self, written: Written) -> Unclaimed | None:
        if not self.asks_absent or written.subscription_id in self.charged:
            return None
        if written.organization_id in self.complete:
            return Unclaimed("The month is complete and charges nothing for it.", cause=UndecidedCause.ABSENT)
        return Unclaimed("The month has not charged it yet.")


def collect_claims(
    desired: Sequence[DesiredAddition],
    unsent: Sequence[UnsentLine],
    named: Iterable[str],
    charges: Iterable[Charge],
    complete: Collection[str],
    *,
    asks_absent: bool,
) -> Claims:
    """Sort what billing answered and AppXite charges by what finds it.

    Args:
        named: markers of closings and endings.
        charges: what the period charges for the subscriptions of our additions.
    """
    recurring = {(each.invoice_id, each.row_id): each for each in charges if each.is_recurring}
    movable = [each for each in desired if not each.is_frozen and not each.corrects]
    by_marker, by_subscription = defaultdict(list), defaultdict(list)
    for line in unsent:
        if line.sent_marker:
            by_marker[line.sent_marker].append(line)
        if line.subscription_id and (line.is_recurring or (line.invoice_id, line.row_id) in recurring):
            by_subscription[line.subscription_id].append(line)
    carriers = [
        each
        for each in desired
        if each.subscription_id and not each.corrects
        if each.is_recurring or (each.invoice_id, each.row_id) in recurring
    ]
    return Claims(
        named=frozenset({*named, *(each.marker for each in desired)}),
        moved={marker: each for each in movable for marker in each.left_markers},
        lines={line_id: each for each in movable for line_id in (each.line_id, *(one.line_id for one in each.carries))},
        persistent={each.subscription_id: each for each in carriers if each.is_recurring},
        one_time={each.subscription_id: each for each in carriers if not each.is_recurring},
        unsent_markers=by_marker,
        unsent_lines={line.line_id: line for line in unsent},
        unsent_subscriptions=by_subscription,
        charged=frozenset(each.subscription_id for each in recurring.values()),
        complete=frozenset(complete),
        asks_absent=asks_absent,
    )


def _is_charged_after(written: Written, last_day: date) -> bool:
    """Whether a later month than that of the plan charges it, also for a billing period that begins before the month.

    A period from 28 February to 30 March bills the charge of March. Where an older build wrote the addition, only
    the days are known.
    """
    days = (written.wanted_effective_date, written.charged_from)
    return written.charged_in > period_of(last_day) or any(day > last_day for day in days if day)


def _is_taken_over(line: UnsentLine) -> bool:
    """A later month has given the same addition its own values."""
    return HoldReason.SUPERSEDED in line.reasons and not _has_vanished(line)


def _has_vanished(line: UnsentLine) -> bool:
    return HoldReason.VANISHED_FROM_INVOICE in line.reasons


def _stays_behind(lines: Sequence[UnsentLine], *, is_withdrawn: bool) -> Unclaimed:
    if any(line.status is LineStatus.PREVIEW for line in lines):
        return Unclaimed("Its charge is on an invoice that is not Verified yet.", is_withdrawn=is_withdrawn)
    cause = min(map(_cause_of, lines), key=_ORDER.index)
    return Unclaimed(_SENTENCES[cause], cause=cause, is_withdrawn=is_withdrawn)


def _cause_of(line: UnsentLine) -> UndecidedCause:
    if _has_vanished(line):
        return UndecidedCause.VANISHED
    if line.status is LineStatus.EXCLUDED:
        return UndecidedCause.EXCLUDED
    if line.dropped_by is DropRule.FAVOURABLE_PRORATIONS:
        return UndecidedCause.DROPPED
    is_free = line.dropped_by is DropRule.ZERO_LINES or HoldReason.ZERO_PRICE in line.reasons
    return UndecidedCause.FREE if is_free else UndecidedCause.HELD


def _say_elsewhere(now: DesiredAddition) -> str:
    how = "" if now.is_recurring else ", as a one-time charge"
    return f"Its charge is on agreement {now.agreement} now{how}."
