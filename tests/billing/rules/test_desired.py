from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.billing.rules.book import RateBook
from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles, desire
from services.billing.rules.identity import one_time_marker, recurring_marker
from services.billing.rules.line import Line
from services.billing.rules.rate import rate
from services.contracts.vocabulary import HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, a_running_addition

PARTNER = UUID(int=7)
NAMES = Names(companies={"company-1": "Alpine Ltd"}, products={"product-1": "M365-BP"})
EARLY = a_line(row_id="row-early", charge_start=date(2026, 10, 2), charge_end=date(2026, 11, 1))
LATE = a_line(row_id="row-late")


def planned(line: Line, book: RateBook, number: int = 1) -> PlannedLine:
    return PlannedLine(id=UUID(int=number), version=3, rules_version=0, line=line, rated=rate(line, book))


def sent(line: Line, book: RateBook, number: int = 1) -> PlannedLine:
    return planned(replace(line, sent_fingerprint=rate(line, book).fingerprint), book, number)


def desired(*lines: PlannedLine, book: RateBook) -> Desire:
    return desire(PARTNER, assign_roles(lines, {0: book}), book, NAMES)


class TestAssignRoles:
    def test_the_latest_charge_start_drives_and_the_others_bill_once(self) -> None:
        book = a_book()
        early, late = assign_roles([planned(EARLY, book, 1), planned(LATE, book, 2)], {0: book})
        assert (early.rated.is_recurring, late.rated.is_recurring) == (False, True)
        assert (early.rated.start.value, early.rated.end.value) == (date(2026, 10, 2), date(2026, 10, 31))
        assert any("another charge of this period" in words for words in early.rated.explanation)

    def test_a_rest_of_a_month_never_becomes_the_price_of_the_next(self) -> None:
        book = a_book()
        month = a_line(
            row_id="row-month", charge_start=date(2026, 10, 12), total=Decimal("33.00"), quantity=Decimal(11)
        )
        rest = a_line(
            row_id="row-rest",
            charge_start=date(2026, 11, 2),
            quantity=Decimal(1),
            unit_price=Decimal("3.30"),
            total=Decimal("3.30"),
        )
        assigned = assign_roles([planned(month, book, 1), planned(rest, book, 2)], {0: book})
        assert [each.rated.is_recurring for each in assigned] == [True, False]
        (driving,) = [each for each in desire(PARTNER, assigned, book, NAMES).additions if each.is_recurring]
        assert driving.amount == Decimal("33.00")

    def test_a_part_of_a_month_beside_a_year_bills_once_as_the_year_does(self) -> None:
        book = a_book()
        year = a_line(row_id="row-year", charge_start=date(2026, 10, 12), charge_end=date(2027, 10, 11))
        part = a_line(row_id="row-part", charge_start=date(2026, 10, 23), charge_end=date(2026, 10, 31))
        month = replace(part, row_id="row-month", charge_end=date(2026, 11, 22))
        alone = assign_roles([planned(year, book, 1), planned(part, book, 2)], {0: book})
        assert [each.rated.is_recurring for each in alone] == [False, False]
        beside_a_month = assign_roles(
            [planned(each, book, at) for at, each in enumerate((year, part, month))], {0: book}
        )
        assert [each.rated.is_recurring for each in beside_a_month] == [False, False, True]

    def test_a_part_of_a_month_beside_a_year_that_is_excluded_goes_on(self) -> None:
        book = a_book()
        year = a_line(row_id="row-year", charge_end=date(2027, 10, 11), is_excluded=True)
        part = a_line(row_id="row-part", charge_start=date(2026, 10, 23), charge_end=date(2026, 10, 31))
        _, alone = assign_roles([planned(year, book, 1), planned(part, book, 2)], {0: book})
        assert alone.rated.is_recurring

    def test_of_two_months_of_one_length_the_larger_drives_and_a_credit_never(self) -> None:
        book = a_book()
        credit = a_line(row_id="row-credit", charge_start=date(2026, 10, 20), charge_end=date(2026, 11, 19))
        credit = replace(credit, unit_price=Decimal("-3.00"), total=Decimal("-30.00"))
        assigned = assign_roles([planned(EARLY, book, 1), planned(credit, book, 2)], {0: book})
        assert [each.rated.is_recurring for each in assigned] == [True, False]

    def test_roles_are_forgotten_when_the_driver_is_gone(self) -> None:
        book = a_book()
        (alone,) = assign_roles([planned(replace(EARLY, drives=False), book)], {0: book})
        assert alone.rated.is_recurring

    def test_a_held_row_drives_nothing(self) -> None:
        book = a_book()
        held = planned(replace(LATE, user_end=date(2026, 1, 1)), book, 2)
        early, _ = assign_roles([planned(EARLY, book), held], {0: book})
        assert early.rated.is_recurring

    def test_a_sent_row_gives_way_to_one_that_starts_later(self) -> None:
        book = a_book()
        early, late = assign_roles([sent(EARLY, book, 1), planned(LATE, book, 2)], {0: book})
        assert (early.rated.status, early.rated.is_recurring) == (LineStatus.READY, False)
        assert late.rated.is_recurring

    def test_a_sent_row_keeps_its_values_whatever_the_rules_say_now(self) -> None:
        before = sent(LATE, a_book())
        (after,) = assign_roles([before], {0: a_book(agreements=(), products={})})
        assert after == before

    def test_a_failed_push_is_tried_again(self) -> None:
        book = a_book()
        (again,) = assign_roles([planned(replace(LATE, push_failed=True), book)], {0: book})
        assert again.rated.status is LineStatus.READY


class TestDesire:
    def test_a_recurring_line_is_the_addition_of_its_subscription(self) -> None:
        book = a_book()
        (addition,) = desired(planned(a_line(), book), book=book).additions
        assert addition.marker == recurring_marker(PARTNER, "agreement-1", "sub-1")
        assert (addition.company, addition.agreement, addition.product) == (
            "Alpine Ltd",
            "Name of agreement-1",
            "M365-BP",
        )
        assert (addition.effective_date, addition.cancelled_date) == (date(2026, 10, 12), None)
        assert (addition.quantity, addition.unit_price, addition.amount) == (
            Decimal(10),
            Decimal("3.00"),
            Decimal("30.00"),
        )
        assert (addition.line_version, addition.forecast) == (3, Decimal("30.00"))
        assert "start: as invoiced" in addition.explanation

    def test_a_one_time_line_is_an_addition_of_its_own(self) -> None:
        book = a_book()
        (addition,) = desired(planned(a_line(charge_type="UsageFee"), book), book=book).additions
        assert addition.marker == one_time_marker(PARTNER, "agreement-1", "invoice-1", "row-1")
        assert not addition.is_recurring

    def test_every_line_is_either_an_addition_or_listed_as_money(self) -> None:
        book = a_book()
        lines = [
            planned(a_line(row_id="1", charge_type="UsageFee"), book, 1),
            planned(a_line(row_id="2", charge_type="?"), book, 2),
            planned(a_line(row_id="3", is_sendable=False), book, 3),
            planned(a_line(row_id="4", is_excluded=True), book, 4),
        ]
        found = desired(*lines, book=book)
        assert [addition.row_id for addition in found.additions] == ["1"]
        assert [(line.status, line.reasons, line.amount) for line in found.unsent] == [
            (LineStatus.HELD, [HoldReason.UNKNOWN_CHARGE_TYPE], Decimal("30.00")),
            (LineStatus.PREVIEW, [], Decimal("30.00")),
            (LineStatus.EXCLUDED, [], Decimal("30.00")),
        ]

    def test_sent_lines_stay_desired_so_that_a_second_plan_finds_nothing_to_do(self) -> None:
        book = a_book()
        first = desired(planned(a_line(), book), book=book)
        running = a_running_addition(
            invoice_id="invoice-1",
            row_id="row-1",
            period="2026-10",
            begun_by="invoice-1/row-1",
            effective_date=date(2026, 10, 12),
        )
        afterwards = a_book(running={("agreement-1", "sub-1"): running})
        assert desired(sent(a_line(), book), book=afterwards) == first

    def test_it_keeps_the_day_it_started_also_after_the_next_month_was_sent(self) -> None:
        book = a_book(running={("agreement-1", "sub-1"): a_running_addition()})
        before = desired(planned(a_line(), book), book=book)
        taken_over = a_running_addition(invoice_id="invoice-1", row_id="row-1", period="2026-10")
        afterwards = a_book(running={("agreement-1", "sub-1"): taken_over})
        assert desired(sent(a_line(), book), book=afterwards) == before

    def test_a_running_addition_keeps_the_day_it_started(self) -> None:
        book = a_book(running={("agreement-1", "sub-1"): a_running_addition()})
        (addition,) = desired(planned(a_line(), book), book=book).additions
        assert addition.effective_date == date(2026, 9, 12)
        assert any("goes on since 2026-09-12" in words for words in addition.explanation)

    def test_a_user_may_move_the_start_of_a_running_addition(self) -> None:
        book = a_book(running={("agreement-1", "sub-1"): a_running_addition()})
        (addition,) = desired(planned(a_line(user_start=date(2026, 10, 20)), book), book=book).additions
        assert addition.effective_date == date(2026, 10, 20)

    def test_a_sent_line_that_a_later_month_took_over_is_left_and_listed(self) -> None:
        line = sent(a_line(), a_book())
        book = a_book(running={("agreement-1", "sub-1"): a_running_addition(period="2026-11")})
        found = desired(line, book=book)
        assert found.additions == []
        assert [(each.status, each.reasons) for each in found.unsent] == [(LineStatus.SENT, [HoldReason.SUPERSEDED])]

    def test_a_sent_line_survives_the_loss_of_every_name(self) -> None:
        line = sent(a_line(), a_book())
        (addition,) = desire(PARTNER, [line], a_book(agreements=()), Names({}, {})).additions
        assert (addition.company, addition.agreement, addition.product) == ("company-1", "agreement-1", "product-1")


class TestWhatStaysBehind:
    def test_a_line_that_is_excluded_and_no_longer_on_its_invoice_is_not_counted_as_charged(self) -> None:
        book = a_book()
        (left,) = desired(planned(a_line(is_excluded=True, is_vanished=True), book), book=book).unsent
        assert (left.status, left.reasons) == (LineStatus.EXCLUDED, [HoldReason.VANISHED_FROM_INVOICE])
