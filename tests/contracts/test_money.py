"""Exact money: no floats, ISO 4217 decimals, text that reads back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from services.contracts.money import Amount, as_text, minor_units, round_money, show_money

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "USD"])
VALUES = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=6)


class Price(BaseModel):
    amount: Amount


class TestAmount:
    @pytest.mark.parametrize("said", [1.5, 1.0, float("nan"), float("inf")])
    def test_a_float_is_refused_because_the_cent_is_lost_by_then(self, said: Any) -> None:
        with pytest.raises(ValidationError, match="decimal strings"):
            Price(amount=said)

    def test_a_json_number_with_a_fraction_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="decimal strings"):
            Price.model_validate_json('{"amount": 12.34}')

    @pytest.mark.parametrize("said", ["NaN", "Infinity", "-Infinity", "sNaN", "1" * 29, "", "12,34", "1 000", None])
    def test_what_is_no_exact_number_is_refused(self, said: Any) -> None:
        with pytest.raises(ValidationError):
            Price(amount=said)

    @pytest.mark.parametrize(
        ("said", "text"),
        [
            ("12.34", "12.34"),
            ("12.3400", "12.3400"),
            (12, "12"),
            ("-0.01", "-0.01"),
            ("1E+3", "1000"),
            (Decimal("0.1"), "0.1"),
            ("12345678901234567890.12345678", "12345678901234567890.12345678"),
        ],
    )
    def test_it_travels_as_a_decimal_string_without_exponent(self, said: Any, text: str) -> None:
        assert Price(amount=said).model_dump(mode="json") == {"amount": text}

    @given(VALUES)
    def test_it_reads_back_as_the_same_number(self, value: Decimal) -> None:
        travelled = Price.model_validate_json(Price(amount=value).model_dump_json())

        assert travelled.amount == value
        assert as_text(travelled.amount) == as_text(value)

    def test_its_schema_says_decimal_string(self) -> None:
        schema = Price.model_json_schema()["properties"]["amount"]

        assert (schema["type"], schema["format"]) == ("string", "decimal")


class TestRoundMoney:
    @pytest.mark.parametrize(
        ("value", "currency", "rounded"),
        [
            ("1.005", "EUR", "1.01"),
            ("-1.005", "EUR", "-1.01"),
            ("2.675", "usd", "2.68"),
            ("1.5", "JPY", "2"),
            ("12.5", "JPY", "13"),
            ("1.0005", "KWD", "1.001"),
            ("7", "EUR", "7.00"),
            ("-0.001", "EUR", "0.00"),
        ],
    )
    def test_halves_go_away_from_zero_in_minor_units(self, value: str, currency: str, rounded: str) -> None:
        assert as_text(round_money(Decimal(value), currency)) == rounded

    @given(VALUES, CURRENCIES)
    def test_it_moves_a_value_by_half_a_minor_unit_at_most(self, value: Decimal, currency: str) -> None:
        rounded = round_money(value, currency)

        assert abs(rounded - value) <= Decimal(1).scaleb(-minor_units(currency)) / 2
        assert round_money(rounded, currency) == rounded

    @given(VALUES, CURRENCIES)
    def test_it_is_the_same_on_both_sides_of_zero(self, value: Decimal, currency: str) -> None:
        assert round_money(-value, currency) == -round_money(value, currency)


class TestShowMoney:
    @pytest.mark.parametrize(
        ("value", "shown"), [("0", "0.00"), ("7.5", "7.50"), ("1.005", "1.005"), ("1E+2", "100.00"), ("2.5000", "2.50")]
    )
    def test_it_has_its_currencys_decimals_and_hides_none(self, value: str, shown: str) -> None:
        assert as_text(show_money(Decimal(value), "EUR")) == shown


class TestMinorUnits:
    @pytest.mark.parametrize(
        ("currency", "units"),
        [("EUR", 2), ("jpy", 0), ("KWD", 3), ("ISK", 0), ("usd", 2), ("XXX", 2), ("CLF", 4), ("UYI", 0)],
    )
    def test_they_come_from_iso_4217(self, currency: str, units: int) -> None:
        assert minor_units(currency) == units
