"""Where the life of a persistent addition is cut, and what is left of it for months that are planned again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.billing.rules.identity import recurring_marker
from services.billing.rules.line import Line
from services.billing.rules.persistent import PersistentAddition, spell_row
from services.contracts.vocabulary import HoldReason
from tests.billing.builders import an_agreement
from tests.billing.lives import KEY, PARTNER, UNINVOICED, Life, a_charge

FEBRUARY = a_charge("02-01", "02-28")
MARCH = a_charge("03-01", "03-31", "36.00")
APRIL = a_charge("04-01", "04-30", "36.00")
MAY = a_charge("05-01", "05-31")


def marker(segment: int) -> str:
    return recurring_marker(PARTNER, *KEY, segment)


def repriced(line: Line, amount: str) -> Line:
    return replace(line, unit_price=Decimal(amount), total=Decimal(amount))


def ends(life: Life) -> list[date | None]:
    """Last billed day of every segment."""
    return [each.last_billed_day for each in life.segments]


class TestMarker:
    def test_the_first_segment_is_spelled_as_before_there_were_others(self) -> None:
        assert marker(1) == recurring_marker(PARTNER, *KEY)

    def test_every_segment_has_its_own(self) -> None:
        assert len({marker(number) for number in range(1, 20)}) == 19


class TestNextMonth:
    def test_its_values_do_not_reach_into_a_month_that_is_not_invoiced(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        found = life.plan(MARCH)
        (march,) = found.additions
        assert (march.marker, march.effective_date, march.amount) == (marker(2), date(2026, 3, 1), Decimal("36.00"))
        assert [(each.marker, each.last_billed_day) for each in found.closings] == [(marker(1), date(2026, 2, 28))]
        assert any("not invoiced yet" in words for words in march.explanation)
        assert march.forecast == march.amount

    def test_with_equal_values_the_addition_goes_on(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        found = life.plan(a_charge("03-01", "03-31"))
        assert ([each.marker for each in found.additions], found.closings) == ([marker(1)], [])

    def test_once_its_month_is_invoiced_the_addition_takes_the_new_values(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.invoice("03-01")
        found = life.plan(MARCH)
        assert [(each.marker, each.effective_date) for each in found.additions] == [(marker(1), date(2026, 2, 1))]
        assert found.closings == []

    @pytest.mark.parametrize("change", [{"subscription_name": "Renamed"}, {"organization_name": "Alps"}])
    def test_a_text_alone_begins_no_segment(self, change: dict[str, str]) -> None:
        life = Life()
        life.push(FEBRUARY)
        assert life.plan(replace(MARCH, unit_price=Decimal(30), total=Decimal(30), **change)).closings == []  # type: ignore[arg-type]

    def test_another_product_begins_one(self) -> None:
        life = Life(rules={"products": {"offer-1": "product-1", "offer-2": "product-2"}})
        life.push(FEBRUARY)
        assert life.plan(a_charge("03-01", "03-31", offer_id="offer-2")).closings

    def test_a_segment_begins_with_its_period_and_not_with_the_day_of_its_charge(self) -> None:
        life = Life(UNINVOICED.model_copy(update={"is_prorated": True}))
        life.push(a_charge("02-12", "03-11"))
        (march,) = life.push(a_charge("03-12", "04-11", "36.00"))
        assert (march.effective_date, march.forecast) == (date(2026, 3, 1), Decimal("36.00"))

    def test_a_correction_of_the_month_that_drives_begins_none(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        found = life.plan(replace(FEBRUARY, unit_price=Decimal(33), total=Decimal(33), sent_marker=marker(1)))
        assert ([each.marker for each in found.additions], found.closings) == ([marker(1)], [])

    def test_a_correction_does_not_reach_into_the_months_before_that_are_not_invoiced(self) -> None:
        """March and April were 30 each on one addition; April became 5, and both were billed with 5."""
        life = Life()
        life.push(FEBRUARY)
        march = a_charge("03-01", "03-31")
        life.push(march)
        life.sent[spell_row(march)] = repriced(life.sent[spell_row(march)], "5.00")
        found = life.plan(march)
        assert [(each.marker, each.effective_date) for each in found.additions] == [(marker(2), date(2026, 3, 1))]
        assert [(each.marker, each.last_billed_day) for each in found.closings] == [(marker(1), date(2026, 2, 28))]
        life.push(march)
        assert (life.is_done(march), ends(life)) == (True, [date(2026, 2, 28), None])
        life.sent[spell_row(march)] = repriced(life.sent[spell_row(march)], "6.00")
        again = life.plan(march)
        assert ([each.marker for each in again.additions], again.closings) == ([marker(2)], [])

    def test_once_the_months_before_are_invoiced_a_correction_goes_onto_the_same_addition(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        march = a_charge("03-01", "03-31")
        life.push(march)
        life.invoice("03-01")
        life.sent[spell_row(march)] = repriced(life.sent[spell_row(march)], "5.00")
        found = life.plan(march)
        assert ([each.marker for each in found.additions], found.closings) == ([marker(1)], [])

    def test_a_charge_that_touches_closes_the_month_before_and_not_the_one_it_began_in(self) -> None:
        life = Life()
        life.push(a_charge("01-30", "02-28"))
        (second,) = life.push(a_charge("03-01", "03-29", "36.00"))
        assert (ends(life), second.effective_date) == ([date(2026, 1, 31), None], date(2026, 2, 1))


class TestCaughtUp:
    """On an agreement that prorates, the coming invoice bills an invoiced month that came late."""

    LATE = an_agreement(is_prorated=True, next_invoice_date=date(2026, 11, 1))

    def test_the_next_month_leaves_a_late_one_its_values_until_it_is_billed(self) -> None:
        life = Life(self.LATE)
        (october,) = life.push(a_charge("10-01", "10-31"))
        (november,) = life.push(a_charge("11-01", "11-30", "60.00"))
        assert (october.effective_date, november.effective_date) == (date(2026, 10, 1), date(2026, 11, 1))
        assert [each.last_billed_day for each in life.segments] == [date(2026, 10, 31), None]

    def test_once_it_is_billed_the_addition_takes_the_new_values(self) -> None:
        life = Life(self.LATE)
        (october,) = life.push(a_charge("10-01", "10-31"))
        life.invoice("12-01")
        november, true_up = life.push(a_charge("11-01", "11-30", "60.00"))
        assert (november.marker, true_up.corrects) == (october.marker, october.marker)

    def test_a_later_change_leaves_both_months_before_it_their_values(self) -> None:
        life = Life(an_agreement(is_prorated=True, next_invoice_date=date(2026, 12, 1)))
        (october,) = life.push(a_charge("10-01", "10-31"))
        (november,) = life.push(a_charge("11-01", "11-30"))
        (december,) = life.push(a_charge("12-01", "12-31", "60.00"))
        assert (november.marker, december.effective_date) == (october.marker, date(2026, 12, 1))
        assert [each.last_billed_day for each in life.segments] == [date(2026, 11, 30), None]

    def test_a_month_without_a_charge_is_not_caught_up_on(self) -> None:
        life = Life(an_agreement(is_prorated=True, next_invoice_date=date(2026, 12, 1)))
        life.push(a_charge("09-01", "09-30"))
        (november,) = life.push(a_charge("11-01", "11-30"))
        assert november.effective_date == date(2026, 11, 1)
        assert [each.last_billed_day for each in life.segments] == [date(2026, 9, 30), None]

    def test_an_addition_that_has_ended_stays_so_where_its_days_would_be_caught_up_on(self) -> None:
        life = Life(self.LATE)
        (october,) = life.push(a_charge("10-01", "10-31", user_end=date(2026, 11, 10)))
        life.keep_end(october.marker, date(2026, 11, 10))
        life.invoice("12-01")
        (november,) = life.push(a_charge("11-01", "11-30"))
        assert (november.marker == october.marker, november.effective_date) == (False, date(2026, 11, 1))


class TestMonthsPlannedAgain:
    def test_neither_month_asks_for_anything_new(self) -> None:
        life = Life()
        (february,) = life.push(FEBRUARY)
        (march,) = life.push(MARCH)
        again = [life.plan(FEBRUARY), life.plan(MARCH)]
        unexplained = [one.model_copy(update={"explanation": []}) for found in again for one in found.additions]
        assert unexplained == [
            february.model_copy(update={"cancelled_date": date(2026, 2, 28), "explanation": []}),
            march.model_copy(update={"explanation": []}),
        ]
        assert [found.closings for found in again] == [[], []]

    def test_an_earlier_month_keeps_the_end_of_its_segment_also_before_that_is_confirmed(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.push(MARCH)
        life.known = replace(life.segments[1], earlier=(replace(life.segments[0], is_ended=False),))
        assert life.plan(FEBRUARY).additions[0].cancelled_date == date(2026, 2, 28)

    def test_the_closing_is_asked_for_until_it_is_confirmed(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.push(MARCH)
        life.known = replace(life.segments[1], earlier=(replace(life.segments[0], is_ended=False),))
        assert [each.marker for each in life.plan(MARCH).closings] == [marker(1)]

    def test_a_correction_of_an_earlier_month_stays_in_its_segment(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.push(MARCH)
        sent = life.sent["invoice-02-01/row-1"]
        life.sent["invoice-02-01/row-1"] = replace(sent, unit_price=Decimal(33), total=Decimal(33))
        (corrected,) = life.push(FEBRUARY)
        assert (corrected.marker, corrected.amount, corrected.cancelled_date) == (
            marker(1),
            Decimal(33),
            date(2026, 2, 28),
        )
        assert ends(life) == [date(2026, 2, 28), None]

    def test_a_month_that_a_later_equal_one_took_over_stays_superseded(self) -> None:
        life = Life()
        for each in (FEBRUARY, a_charge("03-01", "03-31"), APRIL):
            life.push(each)
        assert [each.reasons for each in life.plan(FEBRUARY).unsent] == [[HoldReason.SUPERSEDED]]
        assert ends(life) == [date(2026, 3, 31), None]

    def test_months_in_any_number_have_a_segment_for_each_change(self) -> None:
        life = Life()
        for each in (FEBRUARY, MARCH, APRIL, MAY):
            life.push(each)
        assert ends(life) == [date(2026, 2, 28), date(2026, 4, 30), None]
        life.invoice("05-01")
        assert [len(life.plan(each).additions) for each in (FEBRUARY, MARCH, APRIL, MAY)] == [1, 0, 1, 1]

    def test_a_month_loaded_after_a_later_segment_is_known_bills_once(self) -> None:
        life = Life()
        for each in (FEBRUARY, APRIL):
            life.push(each)
        (march,) = life.push(MARCH)
        assert (march.is_recurring, march.bills_from, march.cancelled_date) == (
            False,
            date(2026, 3, 1),
            date(2026, 3, 31),
        )

    def test_two_months_planned_before_either_is_pushed(self) -> None:
        life = Life()
        assert [life.plan(each).additions[0].marker for each in (FEBRUARY, MARCH)] == [marker(1)] * 2
        life.push(FEBRUARY)  # whatever makes the addition first; the other plan is refused, because it exists by now
        found = life.plan(MARCH)
        assert [each.marker for each in found.additions] == [marker(2)]
        assert [each.marker for each in found.closings] == [marker(1)]


class TestOneMonth:
    """Charges of two billing periods on the invoices of one month."""

    OCTOBER = a_charge("10-01", "10-31")

    def test_the_charge_that_drives_keeps_its_addition_when_a_dearer_one_joins(self) -> None:
        life = Life()
        life.push(self.OCTOBER)
        november = a_charge("11-01", "11-30", "36.00", period="2026-10")
        found = life.plan(self.OCTOBER, november)
        assert [(each.marker, each.is_recurring) for each in found.additions] == [(marker(1), True), (marker(2), True)]
        life.push(self.OCTOBER, november)
        assert ends(life) == [date(2026, 10, 31), None]
        assert len(life.plan(self.OCTOBER, november).additions) == 2

    def test_an_equal_one_goes_on_with_it(self) -> None:
        life = Life()
        life.push(self.OCTOBER)
        november = a_charge("11-01", "11-30", period="2026-10")
        for _ in range(2):
            found = life.plan(self.OCTOBER, november)
            assert [(each.marker, each.bills_from) for each in found.additions] == [(marker(1), date(2026, 11, 1))]
            assert [each.reasons for each in found.unsent] == [[HoldReason.SUPERSEDED]]
            life.push(self.OCTOBER, november)

    def test_of_two_periods_the_later_one_drives_although_it_is_cheaper(self) -> None:
        november = a_charge("11-01", "11-30", "20.00", period="2026-10")
        found = Life().plan(november, self.OCTOBER)
        assert [(each.amount, each.is_recurring, each.bills_from) for each in found.additions] == [
            (Decimal("20.00"), True, date(2026, 11, 1)),
            (Decimal("30.00"), False, date(2026, 10, 1)),
        ]

    def test_a_part_of_a_later_month_is_not_the_price_of_all_that_follow(self) -> None:
        life = Life()
        seats = a_charge("11-01", "11-11", "3.30", period="2026-10", row_id="seats")
        october = a_charge("10-12", "11-11", "33.00")
        assert [(each.row_id, each.is_recurring) for each in life.push(seats, october)] == [
            ("seats", False),
            ("row-1", True),
        ]
        (november,) = life.push(a_charge("11-12", "12-11", "36.00"))
        assert november.bills_from == date(2026, 11, 1)

    def test_of_two_new_ones_one_goes_on_and_the_other_bills_once(self) -> None:
        life = Life()
        life.push(self.OCTOBER)
        rows = [a_charge("11-01", "11-30", "36.00", period="2026-10", row_id=row) for row in "ab"]
        found = life.plan(self.OCTOBER, *rows)
        assert [(each.row_id, each.is_recurring) for each in found.additions] == [
            ("row-1", True),
            ("a", False),
            ("b", True),
        ]


class TestGap:
    def test_the_addition_ends_with_its_home_and_another_begins(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        (april,) = life.push(a_charge("04-01", "04-30"))
        assert (april.marker, april.effective_date) == (marker(2), date(2026, 4, 1))
        assert ends(life) == [date(2026, 2, 28), None]
        assert any("have no charge" in words for words in april.explanation)

    def test_what_was_invoiced_without_a_charge_is_named_as_money(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.invoice("05-01")
        (may,) = life.push(MAY)
        assert ends(life) == [date(2026, 4, 30), None]
        assert "60.00 USD was billed from 2026-03-01 to 2026-04-30 without a charge" in may.explanation

    def test_a_period_that_the_open_addition_was_invoiced_for_is_not_billed_again(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.invoice("05-01")
        (april,) = life.push(a_charge("04-01", "04-30"))
        assert (april.marker, april.forecast) == (marker(1), Decimal("30.00"))
        assert "30.00 USD was billed from 2026-03-01 to 2026-03-31 without a charge" in april.explanation

    def test_quarters(self) -> None:
        life = Life(an_agreement(billing_cycle="Quarterly", next_invoice_date=None))
        life.push(a_charge("01-01", "03-31"))
        (third,) = life.push(a_charge("07-01", "09-30"))
        assert (third.effective_date, ends(life)) == (date(2026, 7, 1), [date(2026, 3, 31), None])


class TestAfterAnEnd:
    @pytest.mark.parametrize("last_billed_day", [date(2026, 2, 28), None])
    def test_a_subscription_that_comes_back_gets_a_new_addition(self, last_billed_day: date | None) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.end(marker(1), last_billed_day)
        found = life.plan(a_charge("03-12", "04-11"))
        assert [(each.marker, each.effective_date) for each in found.additions] == [(marker(2), date(2026, 3, 12))]
        assert found.closings == []

    def test_the_month_before_is_not_opened_again(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.end(marker(1), date(2026, 2, 28))
        life.push(a_charge("03-12", "04-11"))
        (february,) = life.plan(FEBRUARY).additions
        assert (february.marker, february.cancelled_date) == (marker(1), date(2026, 2, 28))

    def test_a_restart_in_an_invoiced_month_is_held(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.end(marker(1), date(2026, 2, 28))
        life.invoice("04-01")
        assert [each.reasons for each in life.plan(a_charge("03-12", "04-11")).unsent] == [
            [HoldReason.PERIOD_ALREADY_INVOICED]
        ]

    def test_an_addition_that_is_gone_is_made_anew_for_the_month_that_drove_it(self) -> None:
        life = Life()
        life.push(FEBRUARY)
        life.end(marker(1), None)
        life.sent.clear()
        assert [each.marker for each in life.plan(FEBRUARY).additions] == [marker(2)]

    def test_the_end_that_a_user_gave_a_line_stays(self) -> None:
        life = Life()
        early = replace(FEBRUARY, user_end=date(2026, 2, 20))
        life.push(early)
        life.end(marker(1), date(2026, 2, 28))
        assert life.plan(early).additions[0].cancelled_date == date(2026, 2, 20)


def test_a_segment_knows_those_before_it() -> None:
    life = Life()
    for each in (FEBRUARY, MARCH, MAY):
        life.push(each)
    assert [each.segment for each in life.segments] == [1, 2, 3]
    assert all(isinstance(each, PersistentAddition) for each in life.segments)
