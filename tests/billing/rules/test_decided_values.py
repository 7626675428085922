"""What a person decides of a line's money, words, bill option, tax and product, and what follows from it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles, desire
from services.billing.rules.editable import EDITABLE, apply_decisions, check_value
from services.billing.rules.frozen import find_price_of_one
from services.billing.rules.line import Line
from services.billing.rules.price_terms import CatalogPrice
from services.billing.rules.pricing import change_by_percent
from services.billing.rules.rate import rate
from services.contracts.invoicing.exact import extend_in
from services.contracts.vocabulary import BillOption, HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, an_agreement, an_invoiced_line, some_rules

MARKED_UP = {"rules": some_rules(pricing={"markup_percent": "10"}), "version": 7}
OCTOBER_INVOICED = an_agreement(next_invoice_date=date(2026, 11, 1))


def decided(line: Line | None = None, **decisions: Any) -> Line:
    """A line with what a person decided, as the API takes it."""
    return apply_decisions(line or a_line(), {name: check_value(name, value) for name, value in decisions.items()})


def desired(line: Line, **book: Any) -> Desire:
    found = a_book(*book.pop("agreements", ()), **book)
    planned = [PlannedLine(UUID(int=1), 1, 0, line, rate(line, found))]
    return desire(UUID(int=7), assign_roles(planned, {0: found}), found, Names({}, {}))


class TestQuantity:
    def test_each_unit_costs_what_it_is_charged_with(self) -> None:
        rated = rate(decided(quantity="4"), a_book())
        assert (rated.quantity, rated.unit_price, rated.amount) == (Decimal(4), Decimal("3.00"), Decimal("12.00"))
        said = "price: a quantity of 4 that a person gave, where 10 is charged; 12.00 USD is billed, 30.00 is charged"
        assert said in rated.explanation

    def test_a_prorated_charge_stays_prorated(self) -> None:
        half = a_line(unit_price=Decimal("6.00"), total=Decimal("30.00"))
        assert rate(decided(half, quantity="5"), a_book()).amount == Decimal("15.00")

    def test_the_rules_price_each_unit_and_say_so(self) -> None:
        rated = rate(decided(quantity="4"), a_book(**MARKED_UP))
        assert rated.amount == Decimal("13.20")
        assert any("+10 %; 13.20 USD is billed, 30.00 is charged" in each for each in rated.explanation)

    def test_no_minimum_lifts_it(self) -> None:
        book = a_book(rules=some_rules(pricing={"minimum_quantity": "20"}))
        assert [rate(each, book).amount for each in (a_line(), decided(quantity="4"))] == [Decimal(60), Decimal(12)]

    def test_of_a_credit_it_is_above_zero_too(self) -> None:
        for changes in ({"quantity": Decimal(-10)}, {"unit_price": Decimal("-3.00")}):
            credit = a_line(total=Decimal("-30.00"), **changes)
            rated = rate(decided(credit, quantity="4"), a_book())
            assert (rated.quantity, rated.unit_price, rated.amount) == (Decimal(4), Decimal("-3.00"), Decimal("-12.00"))


class TestUnitPrice:
    def test_it_is_final_whatever_the_rules_add(self) -> None:
        rated = rate(decided(unit_price="2.50"), a_book(**MARKED_UP))
        assert (rated.quantity, rated.unit_price, rated.amount) == (Decimal(10), Decimal("2.50"), Decimal("25.00"))
        assert "25.00 USD is billed for it, which is less than the 30.00 USD that the marketplace charges" in (
            rated.warnings
        )

    def test_it_mends_a_price_that_the_catalog_lacks(self) -> None:
        book = a_book(
            rules=some_rules(pricing={"price_source": "catalog", "catalog_currency": "USD"}),
            catalog={"product-1": CatalogPrice(None, None)},
        )
        assert rate(a_line(), book).hold_reasons == (HoldReason.CATALOG_PRICE_MISSING,)
        assert rate(decided(unit_price="2.50"), book).status is LineStatus.READY

    def test_a_line_that_charges_nothing_can_be_given_one(self) -> None:
        free = a_line(unit_price=Decimal(0), total=Decimal(0))
        assert rate(free, a_book()).hold_reasons == (HoldReason.ZERO_PRICE,)
        assert rate(decided(free, unit_price="1.00"), a_book()).amount == Decimal("10.00")

    @pytest.mark.parametrize(("total", "price"), [("30.00", "-3.00"), ("-30.00", "3.00"), ("0.00", "-1.00")])
    def test_one_that_turns_a_charge_round_holds_the_line(self, total: str, price: str) -> None:
        rated = rate(decided(a_line(total=Decimal(total)), unit_price=price), a_book())
        assert HoldReason.PRICE_NEGATIVE in rated.hold_reasons
        assert rated.amount == Decimal(total)
        assert any("would turn a" in each for each in rated.explanation)

    @given(
        quantity=st.decimals("0.01", 5000, places=2),
        price=st.decimals("0.01", 900, places=4),
        currency=st.sampled_from(["USD", "JPY", "KWD"]),
    )
    def test_quantity_times_price_is_billed_to_the_smallest_unit(
        self, quantity: Decimal, price: Decimal, currency: str
    ) -> None:
        line = decided(a_line(currency=currency), quantity=str(quantity), unit_price=str(price))
        rated = rate(line, a_book(an_agreement(currency=currency)))
        assert rated.amount == extend_in(currency, quantity, price)
        assert rated.remainder == 0
        if rated.status is LineStatus.READY:
            (addition,) = desired(line, agreements=(an_agreement(currency=currency),)).additions
            assert addition.amount == line.total + addition.marked_up
            assert extend_in(currency, addition.quantity, addition.unit_price) == rated.amount


class TestTieOut:
    def test_the_change_stands_beside_the_charge(self) -> None:
        (addition,) = desired(decided(quantity="4", unit_price="3.50")).additions
        assert (addition.charged, addition.marked_up, addition.amount) == (Decimal(30), Decimal(-16), Decimal(14))

    def test_after_invoicing_the_difference_goes_out_as_a_true_up(self) -> None:
        line = decided(an_invoiced_line(), unit_price="90.00")
        frozen, true_up = desired(line, agreements=(OCTOBER_INVOICED,)).additions
        assert (frozen.is_frozen, frozen.amount, true_up.amount) == (True, Decimal(100), Decimal(-10))
        assert frozen.marked_up + true_up.marked_up == -10

    def test_a_row_that_changes_later_leaves_what_a_person_decided(self) -> None:
        line = decided(an_invoiced_line(), quantity="1", unit_price="100.00")
        changed = replace(line, unit_price=Decimal(120), total=Decimal(120))
        found = desired(changed, agreements=(OCTOBER_INVOICED,))
        assert [(each.amount, each.marked_up) for each in found.additions] == [(Decimal(100), Decimal(-20))]


class TestWordsAndKinds:
    def test_a_description_is_filled_like_the_rules_template(self) -> None:
        line = decided(description=" {quantity} seats for {organization}, {{2026}} ")
        assert rate(line, a_book()).description == "10 seats for Alpine, {2026}"

    def test_bill_option_and_taxability_go_out_as_decided(self) -> None:
        rated = rate(decided(bill_option="NoCharge", taxable=False), a_book())
        assert (rated.bill_option, rated.taxable, rated.forecast) == (BillOption.NO_CHARGE, False, Decimal(0))

    def test_a_product_that_a_person_chose_needs_no_mapping_and_has_its_own_price(self) -> None:
        assert rate(a_line(), a_book(products={})).hold_reasons == (HoldReason.PRODUCT_UNMAPPED,)
        rated = rate(decided(product_id="product-9"), a_book(products={}))
        assert (rated.product_id, rated.status) == ("product-9", LineStatus.READY)
        book = a_book(
            rules=some_rules(pricing={"price_source": "catalog", "catalog_currency": "USD"}),
            catalog={"product-1": CatalogPrice(Decimal(5), None), "product-9": CatalogPrice(Decimal(7), None)},
        )
        whole = a_line(charge_start=date(2026, 10, 1), charge_end=date(2026, 10, 31))
        assert rate(decided(whole, product_id="product-9"), book).amount == 70

    def test_usage_that_a_person_changed_goes_out_alone(self) -> None:
        usage, book = a_line(charge_type="UsageFee"), a_book(rules=some_rules(collapse_usage=True))
        assert rate(usage, book).is_gathered
        for line in (
            decided(usage, quantity="4"),
            decided(usage, taxable=False),
            decided(usage, description="Traffic"),
        ):
            assert not rate(line, book).is_gathered

    @pytest.mark.parametrize("field", ["quantity", "unit_price", "description", "bill_option", "taxable", "product_id"])
    def test_each_changes_what_is_written(self, field: str) -> None:
        values: dict[str, Any] = {
            "bill_option": "NoCharge",
            "taxable": False,
            "description": "Seats",
            "product_id": "product-9",
        }
        line = decided(None, **{field: values.get(field, "4")})
        assert rate(line, a_book()).fingerprint != rate(a_line(), a_book()).fingerprint
        assert getattr(line, EDITABLE[field].sets) is not None


class TestChecks:
    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("quantity", "-1", "a quantity is more than zero, of a credit too: its price is negative"),
            ("quantity", "0", "to bill nothing, exclude the line or choose a bill option"),
            ("quantity", "1.1234567", "give at most 6 decimals"),
            ("quantity", 1.5, "send amounts as decimal strings"),
            ("unit_price", "10000000000", "give at most 1000000000"),
            ("unit_price", "a lot", "valid decimal"),
            ("description", "Seats {amount}", "unknown placeholder {amount}; use one of"),
            ("description", "Seats {", "a brace stands alone: write {{ or }}"),
            ("description", "   ", "at least 1 character"),
            ("bill_option", "Free", "'Billable', 'DoNotBill' or 'NoCharge'"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(self, field: str, value: Any, words: str) -> None:
        with pytest.raises(ValueError) as refused:  # noqa: PT011 - pydantic's own kind of it
            check_value(field, value)
        assert words in str(refused.value)


class TestPercent:
    @pytest.mark.parametrize(
        ("price", "percent", "step", "changed"),
        [
            ("3.00", "5", "0.01", "3.15"),
            ("0.10", "5", "0.01", "0.11"),  # 0.105: half away from zero
            ("-0.10", "5", "0.01", "-0.11"),
            ("3.00", "-100", "0.01", "0"),
            ("0.10", "5", "0.0001", "0.1050"),
            ("333", "1", "1", "336"),
        ],
    )
    def test_half_a_step_goes_away_from_zero(self, price: str, percent: str, step: str, changed: str) -> None:
        assert change_by_percent(Decimal(price), Decimal(percent), Decimal(step)) == Decimal(changed)

    def test_it_is_of_what_is_billed_for_one_now(self) -> None:
        half = a_line(unit_price=Decimal("6.00"), total=Decimal("30.00"))
        assert find_price_of_one(half, a_book()) == 3
        assert find_price_of_one(half, a_book(**MARKED_UP)) == Decimal("3.3")
        assert find_price_of_one(decided(half, quantity="5", unit_price="4"), a_book()) == 4
        assert find_price_of_one(replace(half, total=Decimal(0)), a_book()) is None
