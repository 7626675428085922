"""The life of one subscription: its charges, one after the other, as the rules place and remember them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.billing.rules.continuity import Place
from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles, desire
from services.billing.rules.identity import recurring_marker
from services.billing.rules.line import Line
from services.billing.rules.persistent import Home, PersistentAddition, spell_row
from services.billing.rules.rate import rate
from services.billing.rules.segments import find_segment, place_line, spell_rated_money
from services.contracts.periods import period_of
from services.contracts.shapes import AgreementFacts, DesiredAddition
from services.contracts.vocabulary import LineStatus
from tests.billing.builders import a_book, a_line, an_agreement

PARTNER = UUID(int=7)
KEY = ("agreement-1", "sub-1")
UNINVOICED = an_agreement(next_invoice_date=None)


def a_charge(first: str, last: str, amount: str = "30.00", **changes: Any) -> Line:
    """A charge of quantity 1 of the subscription for some days of 2026, invoiced in the month of the first."""
    start = date.fromisoformat(first if len(first) > 5 else f"2026-{first}")
    end = date.fromisoformat(last if len(last) > 5 else f"2026-{last}")
    values: dict[str, Any] = {
        "invoice_id": f"invoice-{first}",
        "invoice_date": start,
        "period": period_of(start),
        "charge_start": start,
        "charge_end": end,
        "quantity": Decimal(1),
        "unit_price": Decimal(amount),
        "total": Decimal(amount),
    }
    return a_line(**values | changes)


@dataclass
class Life:
    """What billing knows after each push. Nothing is refused, and the PSA holds what was asked for."""

    agreement: AgreementFacts = UNINVOICED
    rules: dict[str, Any] = field(default_factory=dict)
    known: PersistentAddition | None = None
    sent: dict[str, Line] = field(default_factory=dict)

    def invoice(self, before: str) -> None:
        """The agreement is invoiced up to the day before."""
        self.agreement = self.agreement.model_copy(update={"next_invoice_date": date.fromisoformat(f"2026-{before}")})

    def plan(self, *lines: Line) -> Desire:
        """A plan for some lines, those that were sent as they were sent."""
        book = a_book(self.agreement, running={KEY: self.known} if self.known else {}, **self.rules)
        each = [self.sent.get(spell_row(line), line) for line in lines]
        rated = [PlannedLine(UUID(int=n), 1, 0, line, rate(line, book)) for n, line in enumerate(each)]
        self.planned = assign_roles(rated, {0: book})
        return desire(PARTNER, self.planned, book, Names({}, {}))

    def place(self, line: Line) -> Place | None:
        """Where a line would go, were it planned now."""
        self.plan(line)
        return place_line(self.planned[0], a_book(self.agreement, running={KEY: self.known} if self.known else {}))

    def push(self, *lines: Line) -> list[DesiredAddition]:
        """Plan and write; segments that are over end as asked."""
        found = self.plan(*lines)
        by_line = {each.id: each for each in self.planned}
        for addition in found.additions:
            planned = by_line[addition.line_id]
            self.sent[spell_row(planned.line)] = replace(
                planned.line,
                sent_fingerprint=planned.rated.fingerprint,
                sent_marker=addition.marker,
                sent_recurring=addition.is_recurring,
            )
            if addition.is_recurring:
                self._remember(planned, addition)
        for closing in found.closings:
            self.end(closing.marker, closing.last_billed_day)
        return found.additions

    def end(self, marker: str, day: date | None) -> None:
        """A segment ends on a day, or is gone."""
        over = [replace(each, is_ended=True, last_billed_day=day) for each in self.segments if each.marker == marker]
        self._keep([*(each for each in self.segments if each.marker != marker), *over])

    def keep_end(self, marker: str, day: date) -> None:
        """A segment bills up to a day that a person gave it."""
        ended = [replace(each, ends_on=day) for each in self.segments if each.marker == marker]
        self._keep([*(each for each in self.segments if each.marker != marker), *ended])

    @property
    def segments(self) -> Sequence[PersistentAddition]:
        return self.known.segments if self.known else ()

    def _keep(self, segments: Sequence[PersistentAddition]) -> None:
        ordered = sorted(segments, key=lambda each: each.segment)
        *earlier, newest = (replace(each, earlier=()) for each in ordered)
        self.known = replace(newest, earlier=tuple(earlier))

    def _remember(self, planned: PlannedLine, addition: DesiredAddition) -> None:
        number = find_segment(addition.marker, self.known)
        before = next((each for each in self.segments if each.segment == number), None)
        now = replace(
            a_segment(planned, addition, number, before),
            **split_at_next_invoice(before, self.agreement.next_invoice_date),
        )
        self._keep([*(each for each in self.segments if each.segment != number), now])

    def is_done(self, *lines: Line) -> bool:
        """Whether every one of the lines is sent as it is."""
        self.plan(*lines)
        return all(each.rated.status is LineStatus.SENT for each in self.planned)


def split_at_next_invoice(before: PersistentAddition | None, next_invoice: date | None) -> dict[str, Any]:
    """What billing notes of the day on which the agreement is invoiced next."""
    is_same_day = before is None or before.invoiced_before == next_invoice
    earlier = before.amount_before if before and is_same_day else before.amount if before else None
    return {"invoiced_before": next_invoice, "amount_before": earlier if next_invoice else None}


def a_segment(
    planned: PlannedLine, addition: DesiredAddition, number: int, before: PersistentAddition | None
) -> PersistentAddition:
    """What is remembered of a persistent addition that was written for a line."""
    line = planned.line
    assert addition.bills_from
    assert addition.bills_through
    return PersistentAddition(
        line.invoice_id,
        line.row_id,
        line.period,
        addition.effective_date,
        addition.amount,
        before.begun_by if before else spell_row(line),
        is_ended=before.is_ended if before else False,
        last_billed_day=before.last_billed_day if before else None,
        segment=number,
        marker=recurring_marker(PARTNER, *KEY, number),
        home=Home(addition.bills_from, addition.bills_through),
        charge_end=line.charge_end,
        ends_on=addition.cancelled_date,
        money=spell_rated_money(planned.rated),
        charged_from=before.charged_from if before else addition.bills_from,
    )
