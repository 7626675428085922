"""Additions that carry parts of several lines: collapsed usage, and what rounding leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.rules.book import RateBook
from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles
from services.billing.rules.gathered import Gathered
from services.billing.rules.gathering import Plan, desire_all
from services.billing.rules.line import Line
from services.billing.rules.rate import rate
from services.contracts.invoicing.exact import extend_in, minor_unit
from services.contracts.shapes import DesiredAddition, PlanScope
from tests.billing.builders import a_book, a_line, a_psa, an_agreement, some_rules

PARTNER = UUID(int=7)
NAMES = Names(companies={}, products={})
COLLAPSED = some_rules(collapse_usage=True)


def usage(row: str, total: str, **changes: Any) -> Line:
    values: dict[str, Any] = {
        "row_id": row,
        "charge_type": "UsageFee",
        "charge_start": date(2026, 10, 1),
        "charge_end": date(2026, 10, 10),
        "quantity": Decimal(1),
        "unit_price": Decimal(total),
        "total": Decimal(total),
    }
    return a_line(**values | changes)


def desired(lines: Sequence[Line], book: RateBook, scope: Mapping[str, Any] | None = None, *known: Gathered) -> Desire:
    planned = [PlannedLine(UUID(int=place), 1, 0, line, rate(line, book)) for place, line in enumerate(lines, 1)]
    plan = Plan(PARTNER, PlanScope(period="2026-10", **(scope or {})), assign_roles(planned, {0: book}))
    sent = {each.marker: each for each in known}
    return desire_all(plan, book, NAMES, sent, sent)


def claims(found: Desire) -> dict[tuple[str, str], Decimal]:
    """What all additions together stand for of each row, and of what gathers rows."""
    sums: dict[tuple[str, str], Decimal] = {}

    def add(invoice_id: str, row_id: str, amount: Decimal) -> None:
        sums[invoice_id, row_id] = sums.get((invoice_id, row_id), Decimal(0)) + amount

    for each in found.additions:
        carried = sum((one.amount for one in each.carries), Decimal(0))
        add(each.invoice_id, each.row_id, each.amount + each.rounded - carried)
        for one in each.carries:
            add(one.invoice_id, one.row_id, one.amount)
    return sums


def as_sent(addition: DesiredAddition, **changes: Any) -> Gathered:
    return replace(
        Gathered(
            id=addition.line_id,
            marker=addition.marker,
            organization_id=addition.organization_id,
            agreement_id=addition.agreement_id,
            currency=addition.currency,
            amount=addition.amount,
            bills_from=addition.bills_from,
            bills_through=addition.bills_through,
            addition_id="77",
        ),
        **changes,
    )


class TestUsage:
    def test_rows_of_a_subscription_are_one_addition_at_their_sum(self) -> None:
        (addition,) = desired([usage("1", "1.00"), usage("2", "2.50")], a_book(rules=COLLAPSED)).additions
        assert (addition.quantity, addition.amount) == (Decimal(1), Decimal("3.50"))
        assert [(one.row_id, one.amount) for one in addition.carries] == [("1", Decimal(1)), ("2", Decimal("2.5"))]
        assert addition.invoice_description == "M365 Alpine - Usage Fee 2026-10 (2 rows)"

    def test_without_the_rule_each_row_is_an_addition(self) -> None:
        found = desired([usage("1", "1.00"), usage("2", "2.50")], a_book())
        assert [each.carries for each in found.additions] == [[], []]

    def test_quantities_of_one_price_are_added(self) -> None:
        price = {"unit_price": Decimal("0.50")}
        rows = [
            usage("1", "5.00", quantity=Decimal(10), **price),
            usage("2", "10.00", quantity=Decimal(20), **price),
        ]
        (addition,) = desired(rows, a_book(rules=COLLAPSED)).additions
        assert (addition.quantity, addition.unit_price) == (Decimal(30), Decimal("0.50"))

    def test_another_subscription_agreement_or_month_is_another_addition(self) -> None:
        others: list[dict[str, Any]] = [
            {"subscription_id": "sub-2"},
            {"user_agreement_id": "agreement-2"},
            {"currency": "EUR"},
        ]
        for other in others:
            book = a_book(
                an_agreement(currency=None), an_agreement("agreement-2", currency=None, type_id="x"), rules=COLLAPSED
            )
            rows = [usage("1", "1.00", user_agreement_id="agreement-1")]
            rows.append(replace(rows[0], row_id="2", **other))
            assert len({each.marker for each in desired(rows, book).additions}) == 2

    def test_a_plan_of_one_line_gathers_all_of_its_lines(self) -> None:
        rows = [usage("1", "1.00"), usage("2", "2.50")]
        (addition,) = desired(rows, a_book(rules=COLLAPSED), {"line_ids": [UUID(int=1)]}).additions
        assert addition.amount == Decimal("3.50")

    def test_a_row_that_is_held_or_excluded_leaves(self) -> None:
        rows = [usage("1", "1.00"), usage("2", "2.50", is_vanished=True), usage("3", "4.00", is_excluded=True)]
        found = desired(rows, a_book(rules=COLLAPSED))
        assert ([each.amount for each in found.additions], len(found.unsent)) == ([Decimal(1)], 2)

    def test_a_row_that_a_person_has_dated_goes_alone(self) -> None:
        rows = [usage("1", "1.00"), usage("2", "2.50", user_end=date(2026, 10, 20))]
        assert len(desired(rows, a_book(rules=COLLAPSED)).additions) == 2

    def test_what_was_sent_alone_stays_alone_when_the_rule_comes(self) -> None:
        sent = usage("1", "1.00", sent_marker="TO-OWN", sent_fingerprint="as-sent", sent_recurring=False)
        found = desired([sent, usage("2", "2.50")], a_book(rules=COLLAPSED))
        assert sorted(len(each.carries) for each in found.additions) == [0, 1]

    def test_what_was_sent_together_stays_together_when_the_rule_goes(self) -> None:
        (addition,) = desired([usage("1", "1.00")], a_book(rules=COLLAPSED)).additions
        together = {"sent_marker": addition.marker, "sent_fingerprint": "other", "sent_gathered": True}
        (again,) = desired([usage("1", "1.00", **together)], a_book()).additions
        assert again.marker == addition.marker


class TestRemainders:
    FINE = (usage("1", "5.004"), usage("2", "6.004"))

    def test_remainders_that_come_to_a_cent_are_one_addition(self) -> None:
        found = desired(self.FINE, a_book())
        assert [each.amount for each in found.additions] == [Decimal("5.00"), Decimal("6.00"), Decimal("0.01")]
        rounding = found.additions[-1]
        assert rounding.invoice_description == "Rounding of 2 charges, 2026-10"
        assert (rounding.effective_date, rounding.cancelled_date) == (date(2026, 10, 1), date(2026, 10, 31))
        assert [each.rounded for each in found.additions] == [0, 0, Decimal("-0.002")]

    def test_half_a_cent_makes_no_addition(self) -> None:
        (addition,) = desired([usage("1", "12.345")], a_book()).additions
        assert (addition.amount, addition.rounded) == (Decimal("12.35"), Decimal("-0.005"))

    def test_what_is_not_billable_is_not_rounded_into_an_addition_that_is(self) -> None:
        book = a_book(rules=some_rules(by_charge_type={"UsageFee": {"bill_option": "DoNotBill"}}))
        assert [each.rounded for each in desired(self.FINE, book).additions] == [Decimal("0.004")] * 2

    def test_a_plan_of_one_line_leaves_the_addition_of_all_alone(self) -> None:
        found = desired(self.FINE, a_book(), {"line_ids": [UUID(int=1)]})
        assert [each.rounded for each in found.additions] == [Decimal("0.004")]

    def test_with_nothing_left_an_addition_that_is_not_invoiced_is_closed(self) -> None:
        sent = as_sent(desired(self.FINE, a_book()).additions[-1])
        (closing,) = desired([usage("1", "5.00")], a_book(), None, sent).closings
        assert (closing.marker, closing.last_billed_day) == (sent.marker, date(2026, 9, 30))

    def test_after_it_was_invoiced_the_difference_is_a_true_up(self) -> None:
        sent = as_sent(desired(self.FINE, a_book()).additions[-1])
        november = a_book(an_agreement(next_invoice_date=date(2026, 11, 1)))
        found = desired([usage("1", "5.00")], november, None, sent)
        frozen, true_up = (each for each in found.additions if each.line_id == sent.id)
        assert (frozen.is_frozen, frozen.amount) == (True, Decimal("0.01"))
        assert (true_up.corrects, true_up.amount, true_up.bills_from) == (
            sent.marker,
            Decimal("-0.01"),
            date(2026, 11, 1),
        )

    def test_no_true_up_is_sent_where_differences_are_held(self) -> None:
        sent = as_sent(desired(self.FINE, a_book()).additions[-1])
        held = some_rules(when_changed_after_invoicing="hold")
        found = desired(
            [usage("1", "5.00")], a_book(an_agreement(next_invoice_date=date(2026, 11, 1)), rules=held), None, sent
        )
        (frozen,) = (each for each in found.additions if each.line_id == sent.id)
        assert frozen.rounded == Decimal("-0.01")


AMOUNTS = st.decimals(min_value=-500, max_value=500, allow_nan=False, allow_infinity=False, places=6).filter(bool)


@st.composite
def rows_of_a_month(draw: st.DrawFn) -> list[Line]:
    rows = []
    for place in range(draw(st.integers(1, 8))):
        total = draw(AMOUNTS).quantize(Decimal(1).scaleb(-draw(st.integers(3, 6))))
        kind = draw(st.sampled_from(["UsageFee", "OneTimeFee", "ItemFee"]))
        subscription = draw(st.sampled_from(["sub-1", "sub-2"]))
        rows.append(usage(str(place), str(total or "0.001"), charge_type=kind, subscription_id=subscription))
    return rows


class TestAlways:
    @given(rows_of_a_month(), st.sampled_from(["EUR", "JPY", "KWD"]), st.booleans(), st.booleans())
    @settings(deadline=None)
    def test_what_is_charged_is_billed_or_named_to_the_last_digit(
        self, rows: list[Line], currency: str, collapses: bool, prorates: bool
    ) -> None:
        book = a_book(
            an_agreement(currency=currency, is_prorated=prorates),
            rules=some_rules(collapse_usage=collapses, allow_zero_price=True),
            psa=a_psa(price_decimals=4),
        )
        found = desired([replace(row, currency=currency) for row in rows], book)
        billed = sum((each.amount for each in found.additions), Decimal(0))
        named = sum((each.rounded for each in found.additions), Decimal(0))
        assert found.unsent == []
        assert sum((row.total for row in rows), Decimal(0)) == billed + named
        assert abs(named) <= minor_unit(currency) / 2
        for each in found.additions:
            assert extend_in(currency, each.quantity, each.unit_price) == each.amount

    @given(rows_of_a_month(), st.booleans())
    @settings(deadline=None)
    def test_each_row_is_stood_for_to_the_last_digit(self, rows: list[Line], collapses: bool) -> None:
        book = a_book(rules=some_rules(collapse_usage=collapses, allow_zero_price=True))
        found = claims(desired(rows, book))
        assert {key: amount for key, amount in found.items() if amount} == {
            (row.invoice_id, row.row_id): row.total for row in rows
        }
