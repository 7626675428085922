"""What is billed for a line, as price rules make it of what the marketplace charges."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.book import RateBook
from services.billing.rules.match import LinePlace
from services.billing.rules.price_rules import Override, Pricing
from services.billing.rules.price_terms import CatalogPrice, PriceBook, PriceTerms, read_terms
from services.billing.rules.pricing import price_line
from services.billing.rules.rate import rate
from services.contracts.invoicing.exact import extend_in, minor_unit
from services.contracts.vocabulary import ChargeType, HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, a_psa, an_agreement, an_invoiced_line, some_rules

WHOLE_MONTH = {"charge_start": date(2026, 10, 1), "charge_end": date(2026, 10, 31)}
TEN_DAYS = {"charge_start": date(2026, 10, 1), "charge_end": date(2026, 10, 10)}
CATALOG = {"price_source": "catalog", "catalog_currency": "USD"}


def book_of(pricing: Mapping[str, Any], *overrides: Mapping[str, Any], **changes: Any) -> RateBook:
    """Rules version 7, and a product that the catalog sells at 5.00 and buys at 4.00."""
    rules = some_rules(pricing=pricing, overrides=list(overrides))
    catalog = {"product-1": CatalogPrice(Decimal("5.00"), Decimal("4.00"))}
    return a_book(**{"rules": rules, "version": 7, "catalog": catalog} | changes)


def total_of(book: RateBook, **changes: Any) -> Decimal:
    return price_line(a_line(**WHOLE_MONTH | changes), book).total


class TestAsCharged:
    def test_without_rules_a_line_is_billed_as_it_is_charged(self) -> None:
        rated = rate(a_line(), a_book())
        assert (rated.amount, rated.price_terms, rated.unit_cost) == (Decimal("30.00"), None, None)

    def test_a_line_that_charges_nothing_is_billed_nothing(self) -> None:
        book = book_of(CATALOG | {"markup_fixed": {"USD": "1"}, "minimum_quantity": "20"})
        assert total_of(book, unit_price=Decimal(0), total=Decimal(0)) == 0


class TestMarkup:
    def test_a_percent_is_added_to_the_total(self) -> None:
        rated = rate(a_line(**WHOLE_MONTH), book_of({"markup_percent": "10"}))
        assert (rated.quantity, rated.unit_price, rated.amount) == (Decimal(10), Decimal("3.30"), Decimal("33.00"))

    def test_a_fixed_amount_is_added_to_each_unit_in_its_own_currency_alone(self) -> None:
        book = book_of({"markup_fixed": {"USD": "0.50", "EUR": "9"}})
        assert total_of(book) == Decimal("35.00")
        assert total_of(book, currency="CHF") == Decimal("30.00")

    def test_a_discount_takes_away(self) -> None:
        assert total_of(book_of({"markup_percent": "-100"})) == 0
        assert total_of(book_of({"markup_percent": "-25"})) == Decimal("22.50")

    def test_a_refund_takes_back_what_was_billed(self) -> None:
        book = book_of({"markup_percent": "12.5", "markup_fixed": {"USD": "0.07"}})
        billed = total_of(book)
        assert total_of(book, total=Decimal("-30.00"), unit_price=Decimal("-3.00")) == -billed
        assert total_of(book, total=Decimal("-30.00"), quantity=Decimal(-10)) == -billed

    def test_a_fixed_markup_of_a_part_of_a_cycle_takes_its_share_of_days(self) -> None:
        book = book_of({"markup_fixed": {"USD": "3.10"}})
        assert total_of(book, **TEN_DAYS, total=Decimal("9.68")) == Decimal("19.68")

    def test_a_markup_that_takes_more_than_is_charged_holds_the_line(self) -> None:
        rated = rate(a_line(), book_of({"markup_fixed": {"USD": "-3.01"}}))
        assert (rated.hold_reasons, rated.amount) == ((HoldReason.PRICE_NEGATIVE,), Decimal("30.00"))


class TestRounding:
    @pytest.mark.parametrize(
        ("mode", "to", "total"),
        [
            ("half_up", None, "33.34"),
            ("half_up", "0.05", "33.35"),
            ("half_even", "0.10", "33.30"),
            ("up", "1", "34.00"),
            ("down", "1", "33.00"),
            ("up", "0.001", "33.34"),
        ],
    )
    def test_the_amount_of_the_line_goes_in_steps(self, mode: str, to: str | None, total: str) -> None:
        book = book_of({"markup_percent": "10", "rounding": {"mode": mode, "to": to}})
        assert total_of(book, total=Decimal("30.305")) == Decimal(total)

    def test_a_currency_without_cents_has_no_smaller_step(self) -> None:
        book = book_of({"rounding": {"mode": "up", "to": "0.05"}})
        assert total_of(book, currency="JPY", total=Decimal("30.2")) == Decimal(31)


class TestMinimumQuantity:
    def test_it_lifts_the_charge_that_drives_its_addition(self) -> None:
        rated = rate(a_line(**WHOLE_MONTH), book_of({"minimum_quantity": "25"}))
        assert (rated.quantity, rated.amount) == (Decimal(25), Decimal("75.00"))

    def test_it_lifts_usage(self) -> None:
        assert total_of(book_of({"minimum_quantity": "25"}), charge_type="UsageFee") == Decimal("75.00")

    @pytest.mark.parametrize(
        "changes",
        [
            {"total": Decimal("-30.00"), "unit_price": Decimal("-3.00")},
            {"charge_type": "Correction"},
            {"charge_type": "OneTimeFee"},
            {"drives": False},
            {"is_custom": True},
            {"quantity": Decimal(30), "unit_price": Decimal(1)},
        ],
        ids=["a credit", "a correction", "a one-time fee", "beside the driving charge", "by hand", "more than enough"],
    )
    def test_it_leaves_everything_else(self, changes: dict[str, Any]) -> None:
        assert abs(total_of(book_of({"minimum_quantity": "25"}), **changes)) == Decimal("30.00")


class TestCatalogPrice:
    def test_a_unit_costs_what_the_catalog_says(self) -> None:
        rated = rate(a_line(**WHOLE_MONTH), book_of(CATALOG | {"markup_percent": "10"}))
        assert (rated.amount, rated.unit_price) == (Decimal("55.00"), Decimal("5.50"))
        assert any(
            "the catalog's 5.00 USD for each unit; +10 %; 55.00 USD is billed" in each for each in rated.explanation
        )
        assert any("rules version 7" in each for each in rated.explanation)

    def test_a_part_of_a_cycle_takes_its_share_of_days(self) -> None:
        assert total_of(book_of(CATALOG), **TEN_DAYS, total=Decimal("9.68")) == Decimal("16.13")

    def test_a_credit_is_priced_as_what_it_takes_back(self) -> None:
        assert total_of(book_of(CATALOG), total=Decimal("-30.00"), quantity=Decimal(-10)) == Decimal("-50.00")

    @pytest.mark.parametrize(
        "catalog", [{}, {"product-1": CatalogPrice(None, None)}, {"product-1": CatalogPrice(Decimal(5), None, "EUR")}]
    )
    def test_without_a_price_in_the_currency_the_line_is_held(self, catalog: dict[str, CatalogPrice]) -> None:
        rated = rate(a_line(), book_of(CATALOG, catalog=catalog))
        assert rated.hold_reasons == (HoldReason.CATALOG_PRICE_MISSING,)
        assert "the catalog has no price in USD for its product" in str(rated.explanation)

    @pytest.mark.parametrize(
        "changes",
        [
            {"charge_type": "Correction"},
            {"is_custom": True},
            {"quantity": Decimal(0)},
            {"charge_end": date(2027, 10, 11)},
        ],
        ids=["a correction", "by hand", "no quantity", "a whole year"],
    )
    def test_a_charge_without_a_price_for_one_cycle_is_held(self, changes: dict[str, Any]) -> None:
        assert rate(a_line(**changes), book_of(CATALOG)).hold_reasons == (HoldReason.CATALOG_PRICE_UNFIT,)

    def test_an_override_gives_corrections_the_marketplace_s_price(self) -> None:
        ours = {"match": {"charge_type": "Correction"}, "pricing": {"price_source": "marketplace"}}
        assert rate(a_line(charge_type="Correction"), book_of(CATALOG, ours)).status is LineStatus.READY

    def test_an_unmapped_product_is_reason_enough(self) -> None:
        assert rate(a_line(), book_of(CATALOG, products={})).hold_reasons == (HoldReason.PRODUCT_UNMAPPED,)

    def test_a_price_below_the_charge_is_a_warning(self) -> None:
        rated = rate(a_line(unit_price=Decimal(6), total=Decimal(60)), book_of(CATALOG))
        assert any("less than the 60.00 USD that the marketplace charges" in each for each in rated.warnings)


class TestUnitCost:
    def test_what_is_charged_is_the_cost(self) -> None:
        assert rate(a_line(), book_of({"markup_percent": "50", "unit_cost": "as_charged"})).unit_cost == Decimal("3.00")

    def test_the_catalog_s_cost(self) -> None:
        rules = {"unit_cost": "catalog", "catalog_currency": "USD"}
        rated = rate(a_line(**WHOLE_MONTH), book_of(rules))
        assert (rated.unit_cost, rated.amount) == (Decimal("4.00"), Decimal("30.00"))

    def test_a_missing_cost_is_a_warning_and_no_hold(self) -> None:
        rated = rate(a_line(), book_of({"unit_cost": "catalog", "catalog_currency": "USD"}, catalog={}))
        assert (rated.unit_cost, rated.status) == (None, LineStatus.READY)
        assert any("no cost is written" in each for each in rated.warnings)

    def test_another_cost_is_another_addition_and_no_cost_is_the_one_of_before(self) -> None:
        plain, rule = rate(a_line(), a_book()), {"unit_cost": "as_charged"}
        assert rate(a_line(), book_of({"minimum_quantity": "1"})).fingerprint == plain.fingerprint
        assert rate(a_line(), book_of(rule)).fingerprint != plain.fingerprint


class TestTermsOfALineThatWasSent:
    def test_a_charge_beside_the_driving_one_is_sent_without_a_minimum(self) -> None:
        rated = rate(a_line(**WHOLE_MONTH, drives=False), book_of({"minimum_quantity": "25", "markup_percent": "10"}))
        assert read_terms(rated.price_terms).minimum is None


class TestInvoicedLines:
    """An agreement that was invoiced through October; the line was billed 100.00 for a charge of 100.00."""

    def test_a_rule_that_came_later_changes_nothing(self) -> None:
        book = book_of({"markup_percent": "10"}, agreements=(an_agreement(next_invoice_date=date(2026, 11, 1)),))
        rated = rate(an_invoiced_line(), book)
        assert (rated.status, rated.amount) == (LineStatus.SENT, Decimal("100.00"))

    def test_a_changed_row_is_trued_up_by_the_rules_that_it_was_sent_with(self) -> None:
        terms = PriceTerms(percent=Decimal(10), version=3).as_text()
        line = an_invoiced_line(sent_price_terms=terms, sent_amount=Decimal("110.00"), total=Decimal("200.00"))
        book = book_of({"markup_percent": "99"}, agreements=(an_agreement(next_invoice_date=date(2026, 11, 1)),))
        rated = rate(replace(line, quantity=Decimal(2)), book)
        assert (rated.status, rated.amount) == (LineStatus.READY, Decimal("220.00"))
        assert "the difference of 110.00 USD goes out as a true-up" in str(rated.explanation)

    def test_a_later_price_of_the_catalog_changes_nothing(self) -> None:
        sent = rate(a_line(**WHOLE_MONTH), book_of(CATALOG))
        line = an_invoiced_line(
            **WHOLE_MONTH, quantity=Decimal(10), sent_price_terms=sent.price_terms, sent_amount=Decimal("50.00")
        )
        dearer = book_of(
            CATALOG,
            catalog={"product-1": CatalogPrice(Decimal(9), None)},
            agreements=(an_agreement(next_invoice_date=date(2026, 11, 1)),),
        )
        assert rate(line, dearer).status is LineStatus.SENT

    def test_terms_are_kept_as_text_and_read_back(self) -> None:
        terms = PriceTerms(
            percent=Decimal("12.5"), fixed=Decimal("-0.10"), step=Decimal("0.05"), rounds=True, version=4
        )
        assert read_terms(terms.as_text()) == terms


MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "charge_type": st.sampled_from(["CycleFee", "UsageFee"]),
        "offer_id": st.sampled_from(["offer-1", "offer-2"]),
        "organization_id": st.sampled_from(["org-1", "org-2"]),
        "agreement_id": st.sampled_from(["agreement-1", "agreement-2"]),
    },
).filter(bool)
PERCENTS = st.decimals(-100, 500, places=2)
PRICINGS = st.fixed_dictionaries(
    {},
    optional={
        "markup_percent": PERCENTS,
        "minimum_quantity": st.decimals("0.5", 50, places=1),
        "markup_fixed": st.dictionaries(st.sampled_from(["USD", "EUR"]), st.decimals(0, 9, places=2), min_size=1),
    },
).filter(bool)
OVERRIDES = st.lists(
    st.builds(lambda match, pricing: Override(match=match, pricing=Pricing(**pricing)), MATCHES, PRICINGS),
    unique_by=lambda each: each.match.place,
    max_size=12,
)
MONEY = st.decimals("0.01", 10_000, places=2)


class TestProperties:
    @given(overrides=OVERRIDES, general=PRICINGS, draw=st.data())
    def test_the_order_of_overrides_makes_no_difference(
        self, overrides: list[Override], general: dict[str, Any], draw: st.DataObject
    ) -> None:
        shuffled = draw.draw(st.permutations(overrides))
        place = LinePlace(ChargeType.CYCLE_FEE, "offer-1", "org-1", "agreement-1")
        said = [PriceBook(Pricing(**general), some, {}).combine(place) for some in (overrides, shuffled)]
        assert said[0] == said[1]

    @given(
        overrides=OVERRIDES.filter(bool),
        general=PRICINGS,
        field=st.sampled_from(["markup_percent", "minimum_quantity"]),
    )
    def test_the_most_specific_override_decides(
        self, overrides: list[Override], general: dict[str, Any], field: str
    ) -> None:
        place = LinePlace(ChargeType.CYCLE_FEE, "offer-1", "org-1", "agreement-1")
        saying = [
            (each.match.weight, value)
            for each in overrides
            if all(value in (None, there) for value, there in zip(each.match.place, place, strict=True))
            if (value := getattr(each.pricing, field)) is not None
        ]
        expected = max(saying)[1] if saying else general.get(field)
        assert PriceBook(Pricing(**general), overrides, {}).combine(place).get(field) == expected

    @given(
        quantity=st.decimals(1, 500, places=0),
        unit_price=MONEY,
        percent=PERCENTS,
        fixed=st.decimals(0, 50, places=2),
        currency=st.sampled_from(["USD", "JPY", "KWD"]),
        mode=st.sampled_from(["half_up", "half_even", "up", "down"]),
    )
    def test_quantity_times_price_is_the_priced_total_and_a_charge_and_its_refund_come_to_nothing(
        self, quantity: Decimal, unit_price: Decimal, percent: Decimal, fixed: Decimal, currency: str, mode: str
    ) -> None:
        pricing = {"markup_percent": percent, "markup_fixed": {currency: fixed}, "rounding": {"mode": mode}}
        book = book_of(pricing, agreements=(an_agreement(currency=currency),), psa=a_psa(price_decimals=4))
        charge = a_line(
            **WHOLE_MONTH,
            quantity=quantity,
            unit_price=unit_price,
            currency=currency,
            total=extend_in(currency, quantity, unit_price),
        )
        refund = replace(charge, unit_price=-unit_price, total=-charge.total)
        rated, back = rate(charge, book), rate(refund, book)
        assert rated.quantity is not None
        assert rated.unit_price is not None
        assert extend_in(currency, rated.quantity, rated.unit_price) == rated.amount
        assert rated.amount % minor_unit(currency) == 0
        assert rated.amount + back.amount == 0
