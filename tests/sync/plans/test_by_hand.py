from datetime import date
from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.vocabulary import ByHand
from services.sync.by_hand.compare import HandDecision, compare_by_hand, list_untouched
from tests.sync.by_hand_lines import a_charge, made_by_hand, on_agreement

OPEN = date(2026, 2, 1)
"""Next invoice date of an agreement that has not invoiced February."""


class TestAnInvoicedPeriod:
    def test_one_equal_addition_has_billed_the_charge(self) -> None:
        (found,) = compare_by_hand([a_charge()], on_agreement(made_by_hand()))
        assert (found.state, found.addition) == (ByHand.BILLED, made_by_hand())
        assert found.words == "30.00 EUR was billed by addition 70, made by hand (10 × 3.00 since 2026-01-01)."

    def test_another_amount_is_asked_about_and_named(self) -> None:
        (found,) = compare_by_hand([a_charge()], on_agreement(made_by_hand(price="2.50")))
        assert found.state is ByHand.ASK
        assert "it bills 25.00 EUR, and AppXite charges 30.00 EUR" in found.words

    def test_two_that_are_equal_are_asked_about(self) -> None:
        (found,) = compare_by_hand([a_charge()], on_agreement(made_by_hand("70"), made_by_hand("71")))
        assert (found.state, [each.reason for each in found.candidates]) == (ByHand.ASK, ["several match"] * 2)

    def test_of_two_that_are_equal_the_description_says_which(self) -> None:
        made = on_agreement(made_by_hand("70"), made_by_hand("71", invoice_description="Seats, head office"))
        (found,) = compare_by_hand([a_charge()], made)
        assert (found.state, found.addition and found.addition.id) == (ByHand.BILLED, "71")

    def test_as_many_charges_as_additions_are_all_billed(self) -> None:
        charges = [a_charge(), a_charge(subscription_id="s-2", subscription="Mail", marker="TO-B")]
        found = compare_by_hand(charges, on_agreement(made_by_hand("70"), made_by_hand("71")))
        assert [each.state for each in found] == [ByHand.BILLED, ByHand.BILLED]
        assert {each.addition.id for each in found if each.addition} == {"70", "71"}

    def test_one_that_ended_before_has_billed_nothing_of_it(self) -> None:
        (found,) = compare_by_hand([a_charge()], on_agreement(made_by_hand(cancelled_date=date(2026, 1, 31))))
        assert (found.state, found.candidates) == (None, ())

    def test_one_of_another_product_is_nobodys(self) -> None:
        made = on_agreement(made_by_hand(product_id="6"))
        found = compare_by_hand([a_charge()], made)
        assert found[0].state is None
        assert [each.id for each in list_untouched(made.additions, found, OPEN)] == ["70"]

    def test_an_earlier_decision_beats_every_likeness(self) -> None:
        charge = a_charge()
        said = HandDecision(charge.line_id, "s-1", ByHand.BILL, "", Decimal(30), "Ann said so.", "Ann")
        (found,) = compare_by_hand([charge], on_agreement(made_by_hand(), decisions=(said,)))
        assert (found.state, found.addition) == (ByHand.BILL, None)


class TestAPeriodToCome:
    def test_the_equal_addition_is_adopted(self) -> None:
        (found,) = compare_by_hand([a_charge()], on_agreement(made_by_hand(), next_invoice=OPEN))
        assert (found.state, found.addition and found.addition.id) == (ByHand.ADOPT, "70")

    def test_one_that_was_found_to_bill_the_subscription_is_adopted_with_any_values(self) -> None:
        said = HandDecision(uuid4(), "s-1", ByHand.BILLED, "70", Decimal(25), "It was billed.")
        made = on_agreement(made_by_hand(price="2.50"), next_invoice=OPEN, decisions=(said,))
        (found,) = compare_by_hand([a_charge()], made)
        assert (found.state, found.addition and found.addition.id) == (ByHand.ADOPT, "70")

    def test_it_waits_until_older_periods_are_invoiced_with_the_old_values(self) -> None:
        said = HandDecision(uuid4(), "s-1", ByHand.BILLED, "70", Decimal(25), "It was billed.")
        made = on_agreement(made_by_hand(price="2.50"), next_invoice=date(2026, 1, 1), decisions=(said,))
        (found,) = compare_by_hand([a_charge()], made)
        assert found.state is ByHand.ASK
        assert "the period from 2026-01-01, which is not invoiced yet" in found.words

    def test_one_that_is_never_billed_duplicates_nothing(self) -> None:
        made = on_agreement(made_by_hand(price="2.50", bill_option="NoCharge"), next_invoice=OPEN)
        assert compare_by_hand([a_charge()], made)[0].state is None


quantities = st.sampled_from([10, 12])
prices = st.sampled_from(["3.00", "2.50"])
options = st.sampled_from(["Billable", "Billable", "NoCharge", "DoNotBill"])
ends = st.sampled_from([None, None, date(2026, 1, 31), date(2026, 2, 28)])


class TestNothingIsBilledTwice:
    @given(
        st.lists(st.tuples(quantities, prices), max_size=4),
        st.lists(st.tuples(quantities, prices, options, ends), max_size=4),
        st.booleans(),
    )
    def test_a_charge_goes_out_only_where_no_free_addition_bills_its_product_then(
        self,
        charged: list[tuple[int, str]],
        made: list[tuple[int, str, str, date | None]],
        is_invoiced: bool,
    ) -> None:
        charges = [
            a_charge(quantity, price, subscription_id=f"s-{place}", subscription="", marker=f"TO-{place}")
            for place, (quantity, price) in enumerate(charged)
        ]
        additions = [
            made_by_hand(str(70 + place), quantity, price, bill_option=option, cancelled_date=end)
            for place, (quantity, price, option, end) in enumerate(made)
        ]
        found = compare_by_hand(charges, on_agreement(*additions, next_invoice=None if is_invoiced else OPEN))
        used = [each.addition.id for each in found if each.addition]
        assert len(used) == len(set(used))
        for each in found:
            if each.state is None:
                free = [one for one in additions if one.id not in used and one.values.bill_option == "Billable"]
                assert not [one for one in free if one.values.cancelled_date in (None, date(2026, 2, 28))]
            if each.state is ByHand.BILLED:
                assert each.candidates[0].bills == each.charge.first.amount
