"""Which billing period bills a recurring charge, and how it goes on from the one before it."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.continuity import Step
from services.billing.rules.line import Line
from services.billing.rules.persistent import Home
from services.contracts.invoicing.periods import AgreementTerms, add_days, add_months
from services.contracts.vocabulary import HoldReason
from tests.billing.builders import a_running_addition, an_agreement, some_rules
from tests.billing.lives import UNINVOICED, Life, a_charge

MONTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
WEEKS = {"Weekly": 1, "BiWeekly": 2}


def home(first: str, last: str) -> Home:
    return Home(date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}"))


def step(life: Life, line: Line) -> tuple[Step, Home | None]:
    place = life.place(line)
    assert place
    return place.step, place.home


class TestHome:
    def test_the_first_charge_is_billed_by_the_period_it_starts_in(self) -> None:
        assert step(Life(), a_charge("01-30", "02-28")) == (Step.FIRST, home("01-01", "01-31"))

    def test_charges_that_touch_take_consecutive_periods_whatever_day_they_fall_on(self) -> None:
        life = Life()
        charges = [a_charge("01-30", "02-28"), a_charge("03-01", "03-29"), a_charge("03-30", "04-29")]
        found = [life.push(each)[0] for each in charges]
        assert [each.bills_from for each in found] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
        assert {(each.marker, each.effective_date) for each in found} == {(found[0].marker, date(2026, 1, 30))}

    def test_two_charges_that_begin_in_one_period_are_billed_in_two(self) -> None:
        life = Life()
        life.push(a_charge("10-01", "10-30"))
        assert step(life, a_charge("10-31", "11-29", period="2026-11")) == (Step.NEXT, home("11-01", "11-30"))

    def test_a_charge_of_the_next_period_is_the_next_also_where_it_does_not_touch(self) -> None:
        life = Life()
        life.push(a_charge("10-12", "11-11"))
        assert step(life, a_charge("11-20", "12-19")) == (Step.NEXT, home("11-01", "11-30"))

    def test_its_row_that_drives_already_stays_where_it_is(self) -> None:
        life = Life()
        for each in (a_charge("01-30", "02-28"), a_charge("03-01", "03-29")):
            life.push(each)
        assert step(life, a_charge("03-01", "03-29")) == (Step.SAME, home("02-01", "02-28"))

    def test_another_row_of_the_same_month_and_period_corrects_the_one_that_drives(self) -> None:
        life = Life()
        life.push(a_charge("10-12", "11-11"))
        assert step(life, a_charge("10-12", "11-11", row_id="again")) == (Step.SAME, home("10-01", "10-31"))

    def test_another_row_of_an_invoiced_period_takes_nothing_over(self) -> None:
        life = Life()
        life.push(a_charge("10-12", "11-11"))
        life.invoice("11-01")
        (again,) = life.push(a_charge("10-12", "11-11", row_id="again"))
        assert (again.is_recurring, again.bills_from) == (False, date(2026, 11, 1))

    def test_a_part_of_a_cycle_does_not_push_the_rest_into_the_next_period(self) -> None:
        life = Life()
        life.push(a_charge("10-01", "10-14"))
        (rest,) = life.push(a_charge("10-15", "11-14", period="2026-11"))
        assert (rest.is_recurring, rest.bills_from) == (False, date(2026, 10, 1))
        assert step(life, a_charge("11-15", "12-14", period="2026-12")) == (Step.NEXT, home("11-01", "11-30"))

    def test_a_month_before_the_one_that_drives_bills_once_in_its_own_period(self) -> None:
        life = Life()
        life.push(a_charge("11-12", "12-11"))
        (october,) = life.push(a_charge("10-12", "11-11"))
        assert (october.is_recurring, october.effective_date, october.cancelled_date) == (
            False,
            date(2026, 10, 12),
            date(2026, 10, 31),
        )

    @pytest.mark.parametrize(("rule", "bills_from"), [("hold", []), ("next_open_period", [(False, date(2026, 11, 1))])])
    @pytest.mark.parametrize("is_november_first", [False, True])
    def test_a_month_that_is_invoiced_follows_one_rule_before_and_after_a_later_month_was_sent(
        self, rule: str, bills_from: list[tuple[bool, date]], *, is_november_first: bool
    ) -> None:
        late = some_rules(late_recurring=rule, late_one_time="next_open_period")
        life = Life(rules={"rules": late})
        life.invoice("11-01")
        if is_november_first:
            life.push(a_charge("11-12", "12-11"))
        october = life.push(a_charge("10-12", "11-11"))
        assert [(each.is_recurring, each.bills_from) for each in october] == bills_from

    def test_a_start_that_a_user_gave_counts_and_not_the_day_of_the_charge(self) -> None:
        life = Life()
        life.push(a_charge("01-30", "02-28"))
        moved = a_charge("03-01", "03-29", user_start=date(2026, 2, 10))
        assert step(life, moved) == (Step.NEXT, home("02-01", "02-28"))

    def test_weeks_follow_each_other(self) -> None:
        life = Life(an_agreement(billing_cycle="Weekly", next_invoice_date=None))
        life.push(a_charge("01-09", "01-15"))
        assert step(life, a_charge("01-16", "01-22")) == (Step.NEXT, home("01-15", "01-21"))

    def test_nothing_is_compared_where_nobody_knows_the_cycle(self) -> None:
        life = Life(an_agreement(billing_cycle="Fortnightly", next_invoice_date=None), known=a_running_addition())
        assert step(life, a_charge("12-12", "12-31", "36.00")) == (Step.NEXT, None)

    def test_an_addition_of_an_older_build_goes_on_although_its_home_is_not_known(self) -> None:
        life = Life(known=a_running_addition(begun_by="an earlier month's row"))
        (december,) = life.push(a_charge("12-12", "12-31", "36.00"))
        assert december.effective_date == date(2026, 9, 12)

    def test_the_home_of_an_older_builds_addition_is_known_while_its_first_row_drives_it(self) -> None:
        life = Life(known=a_running_addition())
        assert step(life, a_charge("10-12", "11-11")) == (Step.NEXT, home("10-01", "10-31"))
        assert step(life, a_charge("11-12", "12-11"))[0] is Step.GAP


class TestOverlap:
    def test_a_charge_whose_period_is_billed_already_goes_out_once_and_says_why(self) -> None:
        life = Life()
        life.push(a_charge("10-02", "11-01"))
        (addition,) = life.push(a_charge("10-31", "11-29", "35.00", period="2026-11"))
        assert (addition.is_recurring, addition.effective_date, addition.cancelled_date) == (
            False,
            date(2026, 10, 31),
            date(2026, 10, 31),
        )
        assert any("billed by another charge" in words for words in addition.explanation)

    def test_where_its_period_is_invoiced_the_next_open_one_bills_it(self) -> None:
        late = a_charge("10-31", "11-29", "35.00", period="2026-11")
        life = Life()
        life.push(a_charge("10-02", "11-01"))
        life.invoice("11-01")
        (addition,) = life.push(late)
        assert (addition.is_recurring, addition.effective_date, addition.bills_from, addition.bills_through) == (
            False,
            date(2026, 11, 1),
            date(2026, 11, 1),
            date(2026, 11, 30),
        )

    def test_the_charge_after_it_goes_on_with_the_addition(self) -> None:
        life = Life()
        (first,) = life.push(a_charge("10-02", "11-01"))
        life.push(a_charge("10-31", "11-29", "35.00", period="2026-11"))
        (third,) = life.push(a_charge("11-30", "12-29", period="2026-12"))
        assert (third.marker, third.bills_from) == (first.marker, date(2026, 11, 1))


class TestAdopted:
    """An addition made by hand in January, which November's charge has adopted."""

    def adopted(self, **agreement: object) -> Life:
        life = Life(UNINVOICED.model_copy(update=agreement))
        (november,) = life.push(a_charge("11-12", "12-11"))
        assert life.known
        life.known = a_running_addition(
            invoice_id="invoice-11-12",
            row_id="row-1",
            period="2026-11",
            begun_by="invoice-11-12/row-1",
            effective_date=date(2026, 1, 5),
            home=life.known.home,
            charge_end=life.known.charge_end,
            money=life.known.money,
            charged_from=life.known.charged_from,
            marker=november.marker,
        )
        return life

    def test_an_earlier_month_that_it_bills_gets_no_addition_of_its_own(self) -> None:
        life = self.adopted()
        found = life.plan(a_charge("10-12", "11-11"))
        assert found.additions == []
        assert [(each.reasons, each.sent_marker) for each in found.unsent] == [
            ([HoldReason.SUPERSEDED], life.segments[0].marker)
        ]

    def test_another_amount_of_such_a_month_is_named(self) -> None:
        life = self.adopted()
        life.plan(a_charge("10-12", "11-11", "27.00"))
        assert life.planned[0].rated.warnings[-1] == (
            "30.00 USD is billed for it by the adopted addition; 27.00 was invoiced"
        )

    def test_a_month_before_its_start_bills_once(self) -> None:
        life = self.adopted(billing_start=date(2025, 1, 1))
        (december,) = life.push(a_charge("2025-12-12", "2026-01-11"))
        assert not december.is_recurring

    def test_it_keeps_its_own_start_whoever_asks(self) -> None:
        life = self.adopted()
        (november,) = life.push(a_charge("11-12", "12-11"))
        (december,) = life.push(a_charge("12-12", "2027-01-11"))
        assert {november.effective_date, december.effective_date} == {date(2026, 1, 5)}

    def test_a_user_may_move_its_start(self) -> None:
        life = self.adopted()
        life.sent.clear()
        (november,) = life.plan(a_charge("11-12", "12-11", user_start=date(2026, 11, 3))).additions
        assert november.effective_date == date(2026, 11, 3)


@st.composite
def contiguous_charges(draw: st.DrawFn) -> tuple[Life, list[Line]]:
    """Charges of one cycle of an agreement, each begun the day after the last, from any day of a month on."""
    cycle = draw(st.sampled_from([*MONTHS, *WEEKS]))
    agreement = an_agreement(
        billing_cycle=cycle,
        invoicing_cycle=draw(st.sampled_from(["CalendarYear", "ContractYear"])),
        billing_start=draw(st.dates(date(2024, 1, 1), date(2024, 12, 31))),
        next_invoice_date=None,
    )
    anchor = date(2025, draw(st.integers(1, 12)), 1)
    anchor = min(add_days(anchor, draw(st.integers(0, 30))), add_days(add_months(anchor, 1), -1))
    # Some marketplaces count from the first charge, others from the last one: 31 January, then 28 or 31 March.
    counts_from_first = draw(st.booleans())
    starts = [anchor]
    for number in range(1, draw(st.integers(2, 8)) + 1):
        if cycle in WEEKS:
            starts.append(add_days(starts[-1], 7 * WEEKS[cycle]))
        elif counts_from_first:
            starts.append(add_months(anchor, number * MONTHS[cycle]))
        else:
            starts.append(add_months(starts[-1], MONTHS[cycle]))
    amounts = st.sampled_from(["30.00", "36.00"])
    lines = [
        a_charge(first.isoformat(), add_days(after, -1).isoformat(), draw(amounts), row_id=f"row-{number}")
        for number, (first, after) in enumerate(pairwise(starts))
    ]
    return Life(agreement), lines


class TestAlways:
    @given(contiguous_charges())
    def test_contiguous_charges_take_consecutive_periods_and_none_twice(self, run: tuple[Life, list[Line]]) -> None:
        life, lines = run
        terms = AgreementTerms(life.agreement)
        found = [life.push(each)[0] for each in lines]
        assert all(each.is_recurring for each in found)
        homes = [terms.period_of(each.bills_from) for each in found if each.bills_from]
        assert [terms.period_after(each) for each in homes[:-1] if each] == homes[1:]

    @given(contiguous_charges())
    def test_each_period_bills_its_own_charge_whatever_the_values(self, run: tuple[Life, list[Line]]) -> None:
        life, lines = run
        homes = {each.row_id: each.bills_from for line in lines for each in life.push(line)}
        billed = {}
        for line in lines:  # a month that is planned again is carried by its own addition, or by a later equal one
            found = life.plan(line)
            billed[line.row_id] = sum(each.amount for each in found.additions) or _carried(life, homes[line.row_id])
        assert billed == {line.row_id: line.total for line in lines}

    @given(contiguous_charges())
    def test_loaded_in_reverse_each_charge_is_billed_once(self, run: tuple[Life, list[Line]]) -> None:
        life, lines = run
        found = [life.push(each) for each in reversed(lines)]
        assert [[each.amount for each in additions] for additions in found] == [[each.total] for each in lines[::-1]]
        assert [each.is_recurring for additions in found for each in additions].count(True) == 1
        assert len(life.segments) == 1

    @given(contiguous_charges())
    def test_a_second_plan_asks_for_the_same(self, run: tuple[Life, list[Line]]) -> None:
        life, lines = run
        for each in lines:
            first = life.push(each)
            assert life.is_done(each)
            assert [one.model_copy(update={"explanation": []}) for one in life.plan(each).additions] == [
                one.model_copy(update={"explanation": []}) for one in first
            ]


def _carried(life: Life, day: date | None) -> Decimal:
    """What the segments bill in the period that begins on a day."""
    assert day
    open_then = [
        each
        for each in life.segments
        if each.home and each.effective_date <= each.home.last and (each.last_billed_day or date.max) >= day
    ]
    return open_then[0].amount


@pytest.mark.parametrize(("cycle", "count"), [("Monthly", 12), ("Quarterly", 4), ("Weekly", 52)])
def test_a_year_of_charges_is_one_addition(cycle: str, count: int) -> None:
    life = Life(an_agreement(billing_cycle=cycle, next_invoice_date=None))
    start = date(2026, 1, 31)
    for _ in range(count):
        after = add_days(start, 7) if cycle == "Weekly" else add_months(start, MONTHS[cycle])
        (addition,) = life.push(a_charge(start.isoformat(), add_days(after, -1).isoformat()))
        start = after
    assert (len(life.segments), addition.effective_date) == (1, date(2026, 1, 31))
