"""Exact money: no floats, ISO 4217 decimals, text that reads back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.contracts.money import Amount, as_text, minor_units, round_money, show_money

AMOUNT = TypeAdapter(Amount)


@pytest.mark.parametrize(("currency", "units"), [("EUR", 2), ("usd", 2), ("JPY", 0), ("KWD", 3), ("XXX", 2)])
def test_a_currency_has_its_minor_units(currency: str, units: int) -> None:
    assert minor_units(currency) == units


@pytest.mark.parametrize(
    ("value", "currency", "rounded"),
    [("0.005", "EUR", "0.01"), ("-0.005", "EUR", "-0.01"), ("12.5", "JPY", "13"), ("1.2344", "KWD", "1.234")],
)
def test_money_rounds_half_away_from_zero(value: str, currency: str, rounded: str) -> None:
    assert round_money(Decimal(value), currency) == Decimal(rounded)


@pytest.mark.parametrize(
    ("value", "shown"), [("0", "0.00"), ("7.5", "7.50"), ("1.005", "1.005"), ("1E+2", "100.00"), ("2.5000", "2.50")]
)
def test_money_is_shown_with_its_decimals_and_hides_none(value: str, shown: str) -> None:
    assert as_text(show_money(Decimal(value), "EUR")) == shown


@pytest.mark.parametrize("value", [1.5, float("nan"), "NaN", "Infinity", "12,34", "", None, "1" * 29])
def test_what_is_no_exact_amount_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        AMOUNT.validate_python(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_an_amount_travels_as_text_and_reads_back_the_same(value: Decimal) -> None:
    assert AMOUNT.validate_json(AMOUNT.dump_json(value)) == value
