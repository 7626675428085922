"""What was billed beside what was expected, with the likely cause of a difference."""

from decimal import Decimal
from typing import Any

from services.sync.invoices.comparing import Bill, Comparison, compare, compare_written_off
from services.sync.invoices.schemas import BilledState, ExpectedAddition
from services.sync.psas.invoice import PsaInvoice, PsaInvoiceLine

TEN = Decimal(10)


def ours(key: str = "70", quantity: str = "10", price: str = "3.00", **changes: Any) -> ExpectedAddition:
    values: dict[str, Any] = {
        "addition_id": key,
        "product_id": "5",
        "product": "A seat",
        "subscription": "Seats",
        "description": "Seats of Acme",
        "quantity": quantity,
        "unit_price": price,
        "amount": str(Decimal(quantity) * Decimal(price)),
    }
    return ExpectedAddition(**values | changes)


def line(quantity: str = "10", price: str = "3.00", amount: str = "", **changes: Any) -> PsaInvoiceLine:
    values: dict[str, Any] = {"product_id": "5", "description": "A seat", "text": "Seats of Acme"}
    extended = Decimal(amount) if amount else Decimal(quantity) * Decimal(price)
    return PsaInvoiceLine(quantity=Decimal(quantity), unit_price=Decimal(price), amount=extended, **values | changes)


def judge(
    additions: list[ExpectedAddition], lines: list[PsaInvoiceLine] | None, total: str | None = None
) -> Comparison:
    amount = sum((each.amount for each in lines or ()), Decimal(0))
    products = Decimal(total) if total else amount
    invoice = PsaInvoice("1", "N-1", "11", None, "EUR", products, products, None)
    read = {} if lines is None else {"1": lines}
    expected = sum((each.amount for each in additions), Decimal(0))
    return compare(Bill("EUR", expected, additions, [invoice], read, "ConnectWise"))


class TestWhatWasBilled:
    def test_is_as_expected_whatever_else_stands_on_the_invoice(self) -> None:
        foreign = [line(product_id="9", text="Firewall"), line("4", "3.00", text="Seats made by hand")]
        found = judge([ours()], [*foreign, line()])
        assert (found.state, found.billed) == (BilledState.AS_EXPECTED, Decimal(30))

    def test_additions_of_one_product_and_text_are_told_apart_by_quantity(self) -> None:
        found = judge([ours("70", "10"), ours("71", "4")], [line("4"), line("10")])
        assert (found.state, found.billed) == (BilledState.AS_EXPECTED, Decimal(42))

    def test_a_price_that_a_person_changed_is_named(self) -> None:
        found = judge([ours()], [line(price="2.50")])
        assert (found.state, found.billed) == (BilledState.DIFFERS, Decimal(25))
        assert found.cause == (
            "A person changed the addition of Seats before invoicing (unit price 2.50 instead of 3.00): "
            "25.00 EUR instead of 30.00."
        )
        assert "ConnectWise" in found.next_step

    def test_a_line_that_bills_nothing_is_covered_or_not_billable(self) -> None:
        found = judge([ours()], [line(amount="0.00")])
        assert found.billed == 0
        assert "covered or not billable: it shows 30.00 and bills nothing" in found.cause

    def test_a_prorated_line_is_named_as_such(self) -> None:
        text = "Seats of Acme This item has been prorated with a start date of 03/15/2026."
        found = judge([ours()], [line(price="1.64", text=text)])
        assert "roration differs for Seats" in found.cause

    def test_a_second_line_of_the_same_text_was_billed_as_well(self) -> None:
        found = judge([ours()], [line(), line()])
        assert (found.state, found.billed) == (BilledState.DIFFERS, Decimal(60))
        assert "nother addition of the same product and text was billed as well, 30.00 EUR" in found.cause

    def test_an_addition_without_a_line_was_removed(self) -> None:
        found = judge([ours(), ours("71", description="Backup", subscription="Backup", product_id="6")], [line()])
        assert (found.state, found.billed) == (BilledState.DIFFERS, Decimal(30))
        assert "o line stands for Backup, 30.00 EUR" in found.cause

    def test_one_that_nobody_billable_stands_for_is_no_difference(self) -> None:
        assert judge([ours(), ours("71", amount="0", product_id="6")], [line()]).state is BilledState.AS_EXPECTED

    def test_lines_that_nobody_can_tell_apart_are_not_guessed_at(self) -> None:
        found = judge([ours(description="")], [line("4", text=""), line("7", text="")])
        assert (found.state, found.billed) == (BilledState.UNCLEAR, None)
        assert "2 lines of the same product could be Seats" in found.cause

    def test_they_are_compared_in_sum(self) -> None:
        found = judge([ours(description="")], [line("4", text=""), line("6", text="")])
        assert (found.state, found.billed) == (BilledState.AS_EXPECTED, Decimal(30))
        assert "ompared in sum" in found.cause

    def test_lines_that_cannot_be_read_leave_the_sum(self) -> None:
        assert judge([ours()], None, "30.00").state is BilledState.AS_EXPECTED
        found = judge([ours()], None, "31.00")
        assert (found.state, found.billed) == (BilledState.UNCLEAR, None)
        assert "N-1 cannot be read" in found.cause

    def test_a_covered_line_shows_in_the_total_alone(self) -> None:
        found = judge([ours()], [line()], "12.00")
        assert (found.state, found.billed) == (BilledState.DIFFERS, Decimal(12))
        assert "covered by the agreement" in found.cause

    def test_a_period_that_was_written_off_bills_nothing(self) -> None:
        found = compare_written_off(Bill("EUR", Decimal(30), [ours()], [], {}, "ConnectWise"))
        assert (found.state, found.billed) == (BilledState.DIFFERS, Decimal(0))
        assert "written off" in found.cause
        assert "by hand" in found.next_step
