from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.invoicing.amounts import AmountForm, Decimals, represent
from services.contracts.money import minor_units, round_money

AMOUNTS = st.decimals(-10_000_000, 10_000_000, allow_nan=False, allow_infinity=False, places=6)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
CENTS = Decimals(price=2, quantity=6)


def D(text: str) -> Decimal:  # noqa: N802 - as short as the literal it stands for
    return Decimal(text)


class TestRepresent:
    def test_what_multiplies_to_the_total_goes_as_invoiced(self) -> None:
        found = represent(D("10"), D("3.00"), D("30.00"), "USD", CENTS)
        assert found is not None
        assert (found.quantity, found.unit_price, found.form) == (D("10"), D("3.00"), AmountForm.AS_INVOICED)

    def test_a_price_finer_than_the_psa_keeps_is_rounded_when_the_total_stays(self) -> None:
        found = represent(D("7"), D("3.0014"), D("21.01"), "USD", Decimals(price=4, quantity=6))
        assert found is not None
        assert (found.unit_price, found.form) == (D("3.0014"), AmountForm.AS_INVOICED)
        found = represent(D("2"), D("3.0014"), D("6.00"), "USD", CENTS)
        assert found is not None
        assert (found.unit_price, found.form) == (D("3.00"), AmountForm.ROUNDED_PRICE)

    def test_a_total_that_no_price_comes_to_goes_as_quantity_one(self) -> None:
        found = represent(D("3"), D("3.3333"), D("10.00"), "USD", CENTS)
        assert found is not None
        assert (found.quantity, found.unit_price, found.form) == (D("1"), D("10.00"), AmountForm.SINGLE)

    @pytest.mark.parametrize(("quantity", "price"), [("10", "-3"), ("-10", "3")])
    def test_a_credit_is_a_negative_price_never_a_negative_quantity(self, quantity: str, price: str) -> None:
        found = represent(D(quantity), D(price), D("-30.00"), "USD", CENTS)
        assert found is not None
        assert (found.quantity, found.unit_price) == (D("10"), D("-3"))

    def test_a_quantity_of_zero_with_money_goes_as_quantity_one(self) -> None:
        found = represent(D("0"), D("5"), D("5.00"), "USD", CENTS)
        assert found is not None
        assert (found.quantity, found.unit_price) == (D("1"), D("5"))

    def test_a_fully_discounted_line_keeps_its_quantity_at_price_zero(self) -> None:
        found = represent(D("10"), D("3"), D("0"), "USD", CENTS)
        assert found is not None
        assert (found.quantity, found.unit_price) == (D("10"), D("0"))

    def test_a_fraction_of_a_cent_cannot_be_represented(self) -> None:
        assert represent(D("1"), D("10.005"), D("10.005"), "USD", CENTS) is None

    def test_three_decimals_of_a_dinar_need_a_price_that_keeps_three(self) -> None:
        assert represent(D("1"), D("1.005"), D("1.005"), "KWD", CENTS) is None
        assert represent(D("1"), D("1.005"), D("1.005"), "KWD", Decimals(price=3, quantity=6)) is not None

    def test_amounts_of_the_largest_size_do_not_overflow(self) -> None:
        huge = D("9" * 26 + ".99")
        found = represent(D("1"), huge, huge, "USD", CENTS)
        assert found is not None
        assert found.unit_price == huge
        assert represent(huge, huge, huge, "USD", CENTS) is not None

    @pytest.mark.parametrize(
        ("quantity", "price", "total", "currency", "form"),
        [
            ("3", "33.3333", "100", "JPY", AmountForm.AS_INVOICED),
            ("0.5", "33", "17", "JPY", AmountForm.AS_INVOICED),
            ("0.5", "33", "16.5", "JPY", None),
            ("1.5", "1.333", "2.000", "KWD", AmountForm.AS_INVOICED),
            ("1.5", "1.3333", "1.9995", "KWD", None),
            ("2", "1.00005", "2.0001", "CLF", AmountForm.SINGLE),
            ("2.5", "1.0001", "2.5003", "UYW", AmountForm.AS_INVOICED),
            ("7", "33.5", "234", "UYI", AmountForm.ROUNDED_PRICE),
            ("12345678901234567890", "1", "12345678901234567890", "USD", AmountForm.AS_INVOICED),
            ("0.3333", "99999999999999999999", "33329999999999999999.67", "USD", AmountForm.AS_INVOICED),
            ("0.0001", "99999999999999999999", "9999999999999999.9999", "USD", None),
        ],
    )
    def test_currencies_of_other_decimals_large_amounts_and_fractions_stay_exact(
        self, quantity: str, price: str, total: str, currency: str, form: AmountForm | None
    ) -> None:
        found = represent(D(quantity), D(price), D(total), currency, Decimals(price=4, quantity=4))
        assert (found and found.form) == form
        if found:
            assert round_money(found.quantity * found.unit_price, currency) == D(total)

    def test_a_quantity_finer_than_the_psa_keeps_goes_as_quantity_one(self) -> None:
        found = represent(D("12.3456789"), D("1.2345"), D("15.24"), "EUR", Decimals(price=4, quantity=4))
        assert found is not None
        assert (found.quantity, found.unit_price, found.form) == (D("1"), D("15.24"), AmountForm.SINGLE)

    @pytest.mark.parametrize("decimals", [2, 6])
    def test_no_price_has_more_digits_than_an_amount_may(self, decimals: int) -> None:
        huge, tiny = D("9" * 20), D("1").scaleb(-28)
        found = represent(tiny, D("1"), huge, "USD", Decimals(price=decimals, quantity=28))
        assert found is not None
        assert (found.quantity, found.unit_price) == (D("1"), huge)
        assert represent(tiny, D("1"), D("9" * 28), "JPY", Decimals(price=decimals, quantity=28)) is not None

    @given(quantity=AMOUNTS, price=AMOUNTS, total=AMOUNTS, currency=CURRENCIES, scale=st.integers(0, 6))
    def test_quantity_times_price_always_rounds_to_the_total(
        self, quantity: Decimal, price: Decimal, total: Decimal, currency: str, scale: int
    ) -> None:
        total = round_money(total, currency)
        found = represent(quantity, price, total, currency, Decimals(price=scale, quantity=6))
        if found is None:
            assert scale < minor_units(currency)
            return
        assert round_money(found.quantity * found.unit_price, currency) == total
        assert found.quantity > 0
        assert found.unit_price == round(found.unit_price, scale)

    @given(quantity=st.integers(1, 5000), cents=st.integers(-100_000, 100_000))
    def test_an_exact_product_is_never_rewritten(self, quantity: int, cents: int) -> None:
        price = Decimal(cents).scaleb(-2)
        found = represent(Decimal(quantity), price, quantity * price, "USD", CENTS)
        assert found is not None
        assert (found.quantity, found.unit_price) == (Decimal(quantity), price)
