from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.sync.receipts.reasons import Subject
from services.sync.receipts.schemas import Failure, UnsentItem
from services.sync.receipts.tie_out import MOST_UNEXPLAINED, Charged, KeptOut, OnPsa, Sides, TieOut, tie_out
from services.sync.receipts.will_bill import WillBill


def charged(row: str = "1", total: str = "10.00", **changes: Any) -> Charged:
    values: dict[str, Any] = {"organization_id": "o1", "organization": "Contoso", "currency": "EUR", **changes}
    return Charged(("inv-1", row), total=Decimal(total), **values)


def held(row: str = "1", total: str = "10.00", **changes: Any) -> OnPsa:
    values: dict[str, Any] = {"organization_id": "o1", "organization": "Contoso", "currency": "EUR", **changes}
    return OnPsa(("inv-1", row), total=Decimal(total), **values)


def unsent(row: str = "1", amount: str = "10.00", **changes: Any) -> UnsentItem:
    values: dict[str, Any] = {
        "line_id": uuid4(),
        "invoice_id": "inv-1",
        "row_id": row,
        "organization_id": "o1",
        "organization": "Contoso",
        "currency": "EUR",
        "amount": Decimal(amount),
        "status": "held",
        "reasons": ["product_unmapped"],
        **changes,
    }
    return UnsentItem(**values)


def failed(amount: str = "10.00", **changes: Any) -> Failure:
    values: dict[str, Any] = {
        "line_id": uuid4(),
        "organization_id": "o1",
        "organization": "Contoso",
        "agreement": "Cloud",
        "addition_id": None,
        "currency": "EUR",
        "amount": Decimal(amount),
        "error": "refused",
        **changes,
    }
    return Failure(**values)


def kept_out(amount: str | None = "30.00", **changes: Any) -> KeptOut:
    values: dict[str, Any] = {
        "invoice_id": "inv-9",
        "number": "N-9",
        "organization_id": "o1",
        "organization": "Contoso",
        "currency": "EUR",
        "amount": None if amount is None else Decimal(amount),
        "rows": 4,
        "reason": "Its rows add up to 29.00 EUR, its header says 30.00 EUR.",
        **changes,
    }
    return KeptOut(**values)


def prove(
    charged: list[Charged] | None = None,
    held: list[OnPsa] | None = None,
    unsent: list[UnsentItem] | None = None,
    failures: list[tuple[str, Failure]] | None = None,
    kept_out: list[KeptOut] | None = None,
    will_bill: WillBill | None = None,
) -> TieOut:
    failures = failures or []
    sides = Sides(
        charged=charged or [],
        kept_out=kept_out or [],
        on_psa=held or [],
        unsent=unsent or [],
        failures=[failure for _, failure in failures],
        failed_keys=frozenset(("inv-1", row) for row, _ in failures),
        will_bill=will_bill or bill_as_held(held or []),
        psa="Ledgerly",
    )
    return tie_out(sides)


def bill_as_held(additions: Iterable[OnPsa]) -> WillBill:
    """Every addition bills exactly what it stands for."""
    found = WillBill()
    for each in additions:
        found.account(
            Subject(each.organization_id, each.organization, "", "", None, "", each.currency)
        ).billed += each.total
    return found


class TestTieOut:
    def test_what_is_charged_is_held_or_listed(self) -> None:
        proven = prove(
            [charged("1"), charged("2", "5.50"), charged("3", "1.25")],
            [held("1")],
            [unsent("2", "5.50")],
            [("3", failed("1.25"))],
        )
        (total,) = proven.totals
        assert (total.appxite_total, total.additions_total, total.unsent_total) == (
            Decimal("16.75"),
            Decimal("10.00"),
            Decimal("6.75"),
        )
        assert total.ties_out
        assert proven.accounted_for
        assert proven.examined == 3

    def test_what_price_rules_add_stands_beside_what_is_charged(self) -> None:
        proven = prove(
            [charged("1"), charged("2", "-5.00"), charged("3", "1.25")],
            [held("1", "11.00", marked_up=Decimal(1)), held("2", "-5.50", marked_up=Decimal("-0.50"))],
            [unsent("3", "1.25")],
        )
        (total,) = proven.totals
        assert (total.appxite_total, total.marked_up, total.additions_total) == (
            Decimal("6.25"),
            Decimal("0.50"),
            Decimal("5.50"),
        )
        assert (proven.accounted_for, proven.bills_as_charged, proven.failures) == (True, True, [])

    def test_a_cent_too_much_does_not_tie_out(self) -> None:
        proven = prove([charged("1")], [held("1", "10.01")])
        assert not proven.accounted_for
        assert not proven.totals[0].ties_out

    def test_each_customer_and_currency_ties_out_alone(self) -> None:
        swapped = {"organization_id": "o2", "organization": "Fabrikam"}
        proven = prove(
            [charged("1"), charged("2", **swapped), charged("3", currency="USD")],
            [held("1"), held("2"), held("3", currency="USD")],
        )
        assert [(total.organization, total.currency, total.ties_out) for total in proven.totals] == [
            ("Contoso", "EUR", False),
            ("Contoso", "USD", True),
            ("Fabrikam", "EUR", False),
        ]
        assert not proven.accounted_for

    def test_a_row_that_nobody_knows_is_named_and_nothing_ties_out(self) -> None:
        proven = prove([charged("1"), charged("2", "0.00")], [held("1")])
        assert proven.totals[0].ties_out  # the money does; the rows do not
        assert not proven.accounted_for
        (missing,) = proven.failures
        assert missing.error == "Row 2 of invoice inv-1 is neither in Ledgerly nor listed: plan again."

    def test_only_so_many_of_them_are_named(self) -> None:
        rows = [charged(str(number)) for number in range(MOST_UNEXPLAINED + 50)]
        assert len(prove(rows).failures) == MOST_UNEXPLAINED

    def test_an_empty_month_ties_out_and_says_that_nothing_was_examined(self) -> None:
        proven = prove()
        assert (proven.accounted_for, proven.examined, proven.totals) == (True, 0, [])

    def test_a_vanished_row_is_listed_and_no_longer_charged(self) -> None:
        proven = prove([charged("1")], [held("1")], [unsent("2", reasons=["vanished_from_invoice"])])
        assert proven.accounted_for
        assert proven.totals[0].unsent_total == 0
        assert len(proven.unsent) == 1

    def test_a_failed_cancellation_is_no_money_of_the_period(self) -> None:
        proven = prove([charged("1")], [held("1")], failures=[("", failed(line_id=None))])
        assert proven.accounted_for
        assert len(proven.failures) == 1


class TestQuarantinedInvoices:
    def test_they_are_money_that_stayed_behind(self) -> None:
        proven = prove([charged("1")], [held("1")], kept_out=[kept_out()])
        (total,) = proven.totals
        assert (total.appxite_total, total.unsent_total, total.ties_out) == (Decimal("40.00"), Decimal("30.00"), True)
        (item,) = proven.unsent
        assert (item.status, item.line_id, item.amount) == ("quarantined", None, Decimal("30.00"))
        assert item.reasons == ["Invoice N-9: Its rows add up to 29.00 EUR, its header says 30.00 EUR."]
        assert proven.examined == 1 + 4

    def test_one_of_a_customer_without_id_stands_under_its_name(self) -> None:
        proven = prove(kept_out=[kept_out(organization_id="", organization="Northwind")])
        assert [(total.organization_id, total.organization) for total in proven.totals] == [("Northwind", "Northwind")]

    def test_one_whose_amount_nobody_knows_never_ties_out(self) -> None:
        proven = prove(kept_out=[kept_out(None)])
        assert not proven.accounted_for
        assert "Nobody knows what the quarantined invoice N-9 charges" in proven.failures[0].error


cents = st.decimals(Decimal(-1000), Decimal(1000), places=2)
fates = st.sampled_from(["held", "unsent", "failed"])


class TestAnyMonth:
    @given(st.lists(st.tuples(cents, fates, st.sampled_from(["EUR", "USD"]), st.sampled_from(["o1", "o2"]))))
    def test_ties_out_when_every_row_has_exactly_one_fate(self, rows: list[tuple[Decimal, str, str, str]]) -> None:
        sides: dict[str, Any] = {"charged": [], "held": [], "unsent": [], "failures": []}
        for number, (amount, fate, currency, organization_id) in enumerate(rows):
            row, where = str(number), {"currency": currency, "organization_id": organization_id}
            sides["charged"].append(charged(row, str(amount), **where))
            if fate == "held":
                sides["held"].append(held(row, str(amount), **where))
            elif fate == "unsent":
                sides["unsent"].append(unsent(row, str(amount), **where))
            else:
                sides["failures"].append((row, failed(str(amount), **where)))
        proven = prove(**sides)
        assert proven.accounted_for
        assert proven.examined == len(rows)
