"""What a PSA is like decides, wherever billing would otherwise have to know which PSA it is."""

from datetime import date
from decimal import Decimal

from services.billing.rules.rate import rate
from services.contracts.shapes import PsaTraits
from services.contracts.vocabulary import HoldReason, LineStatus
from tests.billing.builders import MAPPED, a_book, a_line, a_psa, a_running_addition, an_agreement, some_rules

FINE_PRICE = a_line(quantity=Decimal(7), unit_price=Decimal("3.0014"), total=Decimal("21.01"))


def cycle_length(psa: PsaTraits, cycle: str) -> int | None:
    terms = a_book(an_agreement(billing_cycle=cycle), psa=psa).terms["agreement-1"]
    period = terms.period_of(date(2026, 10, 12))
    return period.full_days if period else None


class TestCycles:
    def test_a_cycle_is_as_long_as_the_psa_says(self) -> None:
        psa = a_psa(cycle_months={"thirdofayear": 4}, cycle_weeks={"fourweekly": 4})
        assert cycle_length(psa, "Four-Weekly") == 28
        assert cycle_length(psa, "Third of a Year") == 122  # September to December
        assert cycle_length(psa, "Monthly") is None

    def test_a_cycle_that_the_psa_does_not_repeat_fits_no_charge_by_itself(self) -> None:
        found = rate(a_line(), a_book(an_agreement(billing_cycle="Once"), psa=a_psa(non_recurring_cycles=["once"])))
        assert found.hold_reasons == (HoldReason.AGREEMENT_MISSING,)


class TestInvoicedPeriods:
    def test_a_psa_that_refuses_invoiced_dates_holds_the_line(self) -> None:
        invoiced = an_agreement(next_invoice_date=date(2026, 11, 1))
        assert rate(a_line(), a_book(invoiced, psa=a_psa())).hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)

    def test_a_psa_that_takes_them_gets_the_line(self) -> None:
        invoiced = an_agreement(next_invoice_date=date(2026, 11, 1))
        found = rate(a_line(), a_book(invoiced, psa=a_psa(refuses_invoiced_dates=False)))
        assert (found.status, found.start.value) == (LineStatus.READY, date(2026, 10, 12))


class TestAmounts:
    def test_a_price_has_as_many_decimals_as_the_psa_keeps(self) -> None:
        assert rate(FINE_PRICE, a_book(psa=a_psa(price_decimals=4))).unit_price == Decimal("3.0014")
        assert rate(FINE_PRICE, a_book(psa=a_psa(price_decimals=3))).unit_price == Decimal("3.001")

    def test_a_rule_for_two_decimals_beats_the_trait(self) -> None:
        rules = some_rules(quantities="two_decimals")
        found = rate(FINE_PRICE, a_book(psa=a_psa(price_decimals=4), rules=rules))
        assert (found.quantity, found.unit_price) == (Decimal(1), Decimal("21.01"))

    def test_two_decimals_are_three_where_the_currency_has_three(self) -> None:
        book = a_book(psa=a_psa(price_decimals=4), rules=some_rules(quantities="two_decimals"))
        dinars = a_line(quantity=Decimal(2), unit_price=Decimal("1.0055"), total=Decimal("2.012"), currency="KWD")
        assert (book.kept_in("KWD").price, book.kept_in("JPY").price) == (3, 2)
        assert rate(dinars, book).unit_price == Decimal("1.006")

    def test_a_price_is_as_coarse_as_its_total_allows(self) -> None:
        line = a_line(quantity=Decimal(24), unit_price=Decimal("1.94333333"), total=Decimal("46.65"))
        found = rate(line, a_book(psa=a_psa(price_decimals=6)))
        assert (found.quantity, found.unit_price) == (Decimal(24), Decimal("1.9438"))

    def test_amounts_of_a_psa_that_nobody_described_are_in_cents(self) -> None:
        assert rate(FINE_PRICE, a_book()).unit_price == Decimal("21.01")

    def test_a_quantity_finer_than_the_psa_keeps_goes_as_one_and_is_described(self) -> None:
        line = a_line(quantity=Decimal("1.23456"), unit_price=Decimal(10), total=Decimal("12.35"))
        found = rate(line, a_book(psa=a_psa(quantity_decimals=4)))
        assert (found.quantity, found.unit_price) == (Decimal(1), Decimal("12.35"))
        assert found.description.endswith("(quantity 1.23456)")
        assert rate(line, a_book(psa=a_psa(quantity_decimals=5))).quantity == Decimal("1.23456")

    def test_a_description_ends_where_the_psa_ends_it(self) -> None:
        assert rate(a_line(), a_book(psa=a_psa(longest_description=4))).description == "M365"


class TestSentences:
    def test_people_read_the_name_of_their_psa(self) -> None:
        lost = rate(a_line(user_agreement_id="agreement-9"), a_book(psa=a_psa()))
        assert lost.explanation[0] == "agreement chosen for this line, but Ledgerly no longer has it"
        rounded = rate(a_line(quantity=Decimal(2), unit_price=Decimal("15.0014")), a_book(psa=a_psa()))
        assert "unit price rounded, as far as the total stays exact" in rounded.explanation
        running = {("agreement-1", "sub-1"): a_running_addition(amount=Decimal("27.00"))}
        invoiced = an_agreement(next_invoice_date=date(2026, 11, 1))
        billed = rate(a_line(), a_book(invoiced, psa=a_psa(), running=running, organizations={"org-1": MAPPED}))
        assert billed.warnings == ("27.00 USD will be billed by Ledgerly for this; 30.00 was invoiced",)
