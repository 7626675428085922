"""What rules do not pass on: zero lines, and corrections of a subscription that come to a credit."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.billing.rules.book import OrganizationMapping, RateBook
from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles, desire
from services.billing.rules.dropping import Dropping, Net, sum_groups
from services.billing.rules.line import Line, Rated
from services.billing.rules.rate import rate
from services.contracts.invoicing.exact import ZERO
from services.contracts.vocabulary import DropRule, HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, a_true_up, an_agreement, an_invoiced_line, some_rules
from tests.billing.rules.test_frozen import INVOICED

BOTH = Dropping(zero_lines=True, favourable_prorations=True)
FREE = {"unit_price": ZERO, "total": ZERO}
CREDIT: dict[str, Any] = {"charge_type": "Correction", "quantity": Decimal(1), "unit_price": Decimal("-5.00")}


def a_credit(total: str = "-5.00", **changes: Any) -> Line:
    return a_line(**CREDIT | {"unit_price": Decimal(total), "total": Decimal(total), **changes})


def rated(line: Line, *beside: Line, dropping: Dropping = BOTH, **book: Any) -> Rated:
    nets = sum_groups([line, *beside])
    return rate(line, a_book(dropping=Dropping(dropping.zero_lines, dropping.favourable_prorations, nets), **book))


def status(line: Line, *beside: Line, **book: Any) -> LineStatus:
    return rated(line, *beside, **book).status


class TestZeroLines:
    def test_a_line_that_charges_nothing_is_dropped_and_no_question(self) -> None:
        found = rated(a_line(**FREE))
        assert (found.status, found.hold_reasons, found.dropped_by) == (LineStatus.DROPPED, (), DropRule.ZERO_LINES)
        assert found.explanation[0] == 'dropped: it charges nothing, and the rule "Drop zero lines" is on'

    def test_without_the_rule_it_is_held(self) -> None:
        assert rated(a_line(**FREE), dropping=Dropping()).hold_reasons == (HoldReason.ZERO_PRICE,)

    def test_the_least_charge_is_passed_on(self) -> None:
        assert status(a_line(quantity=Decimal(1), unit_price=Decimal("0.01"), total=Decimal("0.01"))) == "ready"

    def test_what_is_unmapped_is_dropped_all_the_same(self) -> None:
        assert status(a_line(**FREE), products={}, agreements=()) is LineStatus.DROPPED

    def test_a_preview_stays_a_preview(self) -> None:
        assert status(a_line(**FREE, is_sendable=False)) is LineStatus.PREVIEW

    def test_zero_lines_cannot_be_both_sent_and_dropped(self) -> None:
        with pytest.raises(ValidationError, match="either sent or dropped"):
            some_rules(allow_zero_price=True, drop_zero_lines=True)


class TestProrationsInTheCustomersFavour:
    def test_a_credit_is_dropped_and_says_why(self) -> None:
        found = rated(a_credit())
        assert (found.status, found.dropped_by) == (LineStatus.DROPPED, DropRule.FAVOURABLE_PRORATIONS)
        assert "come to a credit" in found.explanation[0]
        assert found.forecast == ZERO

    def test_without_the_rule_it_is_passed_on(self) -> None:
        assert status(a_credit(), dropping=Dropping(zero_lines=True)) is LineStatus.READY

    def test_a_proration_in_our_favour_is_passed_on(self) -> None:
        assert status(a_credit("5.00")) is LineStatus.READY

    def test_a_credit_that_a_person_wrote_is_passed_on(self) -> None:
        assert status(a_credit(is_custom=True)) is LineStatus.READY
        assert status(a_credit(charge_type="UserCorrection")) is LineStatus.READY

    @pytest.mark.parametrize("kind", ["UsageFee", "OneTimeFee", "CycleFee"])
    def test_a_credit_of_another_kind_is_passed_on(self, kind: str) -> None:
        assert status(a_credit(charge_type=kind)) is not LineStatus.DROPPED

    def test_a_change_of_seats_that_costs_something_is_passed_on_whole(self) -> None:
        old, new = a_credit("-10.00"), a_credit("14.00", row_id="row-2")
        assert (status(old, new), status(new, old)) == (LineStatus.READY, LineStatus.READY)

    def test_a_change_of_seats_that_comes_to_a_credit_is_dropped_whole(self) -> None:
        old, new = a_credit("-10.00"), a_credit("4.00", row_id="row-2")
        assert (status(old, new), status(new, old)) == (LineStatus.DROPPED, LineStatus.DROPPED)

    @pytest.mark.parametrize(
        "apart", [{"subscription_id": "sub-2"}, {"invoice_id": "invoice-2"}, {"is_vanished": True}]
    )
    def test_other_subscriptions_other_invoices_and_rows_that_are_gone_do_not_count(
        self, apart: dict[str, Any]
    ) -> None:
        assert status(a_credit("-10.00"), a_credit("14.00", row_id="row-2", **apart)) is LineStatus.DROPPED

    def test_what_has_begun_to_go_out_is_passed_on_whole(self) -> None:
        sent = a_credit("4.00", row_id="row-2", sent_fingerprint="as-sent", sent_amount=Decimal("4.00"))
        assert status(a_credit("-10.00"), sent) is LineStatus.READY

    def test_a_credit_that_was_passed_on_before_stays_passed_on_when_it_grows(self) -> None:
        grown = a_credit("-8.00", sent_fingerprint="as-sent", sent_marker="TO-1", sent_amount=Decimal("-5.00"))
        assert status(grown) is LineStatus.READY


class TestWhatAPersonSays:
    @pytest.mark.parametrize("line", [a_line(**FREE), a_credit()])
    def test_a_line_that_a_person_includes_is_not_dropped(self, line: Line) -> None:
        included = a_line(**{name: getattr(line, name) for name in line.__slots__} | {"is_excluded": False})
        assert rated(included).dropped_by is None

    def test_a_line_that_a_person_excludes_is_excluded(self) -> None:
        assert status(a_credit(is_excluded=True)) is LineStatus.EXCLUDED

    def test_a_line_of_an_excluded_customer_is_excluded(self) -> None:
        assert status(a_credit(), organizations={"org-1": OrganizationMapping()}) is LineStatus.EXCLUDED

    def test_what_a_person_decided_does_not_count_for_the_others(self) -> None:
        included = a_credit("-10.00", is_excluded=False)
        beside = a_credit("4.00", row_id="row-2")
        assert sum_groups([included, beside]) == {("invoice-1", "sub-1"): Net(Decimal("4.00"), 1, was_sent=False)}


class TestWhatWasInvoiced:
    """A charge of 100.00 was invoiced as a correction; the row says something else now."""

    @staticmethod
    def corrected(total: str, **changes: Any) -> tuple[Line, RateBook]:
        amounts = {"total": Decimal(total), "unit_price": Decimal(total), "charge_type": "Correction"}
        line = an_invoiced_line(**amounts | changes)
        nets = sum_groups([line])
        return line, a_book(an_agreement(**INVOICED), dropping=Dropping(True, True, nets))

    @staticmethod
    def plan(line: Line, book: RateBook) -> Desire:
        planned = [PlannedLine(UUID(int=1), 3, 0, line, rate(line, book))]
        names = Names(companies={}, products={})
        return desire(UUID(int=7), assign_roles(planned, {0: book}), book, names)

    def money(self, total: str, **changes: Any) -> tuple[list[Decimal], list[tuple[str, Decimal]]]:
        """What is to be billed, and what stays behind."""
        found = self.plan(*self.corrected(total, **changes))
        claimed = [each.charged if each.charged is not None else each.amount + each.rounded for each in found.additions]
        assert sum(claimed) + sum(each.amount for each in found.unsent) == Decimal(total)
        return [each.amount for each in found.additions], [(each.status, each.amount) for each in found.unsent]

    def test_a_charge_that_becomes_a_credit_is_taken_back_and_the_credit_is_dropped(self) -> None:
        assert self.money("-5.00") == ([Decimal("100.00"), Decimal("-100.00")], [("dropped", Decimal("-5.00"))])

    def test_digits_finer_than_the_currency_are_dropped_with_it(self) -> None:
        assert self.money("-5.004") == ([Decimal("100.00"), Decimal("-100.00")], [("dropped", Decimal("-5.004"))])

    def test_a_charge_that_becomes_nothing_is_taken_back(self) -> None:
        assert self.money("0.00") == ([Decimal("100.00"), Decimal("-100.00")], [])

    def test_an_unchanged_charge_stays(self) -> None:
        line, book = self.corrected("100.00")
        assert rate(line, book).status is LineStatus.SENT

    def test_an_invoiced_credit_is_not_taken_back_and_what_it_grows_by_goes_out(self) -> None:
        bills, left = self.money("-8.00", sent_amount=Decimal("-5.00"))
        assert (bills, left) == ([Decimal("-5.00"), Decimal("-3.00")], [])

    def test_a_credit_that_a_true_up_has_passed_on_stays_and_no_more_goes_out(self) -> None:
        invoiced = a_true_up("-105.00", bills_from=INVOICED["next_invoice_date"].replace(month=10))
        bills, left = self.money("-8.00", true_ups=(invoiced,))
        assert left == [("dropped", Decimal("-3.00"))]
        assert bills == [Decimal("-5.00")]

    def test_the_line_says_what_of_it_is_dropped(self) -> None:
        line, book = self.corrected("-5.00")
        found = rate(line, book)
        assert (found.status, found.dropped_by) == (LineStatus.READY, DropRule.FAVOURABLE_PRORATIONS)
        assert any(words.startswith("-5.00 USD dropped") for words in found.explanation)


class TestAPlan:
    def test_a_dropped_line_is_left_with_its_rule_and_its_money(self) -> None:
        book = a_book(dropping=BOTH)
        line = a_credit()
        found = desire(UUID(int=7), [PlannedLine(UUID(int=1), 1, 0, line, rate(line, book))], book, Names({}, {}))
        (left,) = found.unsent
        assert (left.status, left.dropped_by, left.amount) == ("dropped", "favourable_prorations", Decimal("-5.00"))
        assert (found.additions, left.reasons) == ([], [])
