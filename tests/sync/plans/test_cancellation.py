from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.invoicing.bills import BilledAddition, bill_through
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts
from services.sync.plans.cancellation import plan_ending
from services.sync.plans.operation import Ending
from tests.sync.plans.builders import written


def agreement(**changes: Any) -> AgreementTerms:
    values: dict[str, Any] = {
        "agreement_id": "11",
        "name": "Cloud",
        "company_id": "250",
        "type_id": "1",
        "type_name": "Cloud",
        "status": "Active",
        "currency": "EUR",
        "billing_cycle": "Monthly",
        "invoicing_cycle": "CalendarYear",
        "billing_start": date(2025, 1, 1),
        "next_invoice_date": None,
        "end_date": None,
        "is_prorated": False,
        **changes,
    }
    return AgreementTerms(AgreementFacts(**values))


def end(period: str, terms: AgreementTerms | None, *, ended_on: str = "", **changes: Any) -> Ending:
    addition = written(names={"subscription": "M365"}, **changes)
    return plan_ending(period, addition, ended_on, terms, "ConnectWise")


def bills(terms: AgreementTerms, price: str, start: date, end: date) -> Decimal | None:
    """What ConnectWise bills in all for one seat that ends so."""
    addition = BilledAddition(Decimal(1), Decimal(price), "EUR", start, end)
    return bill_through(addition, terms, start, end + timedelta(days=400))


class TestLastBilledDay:
    def test_it_is_the_last_day_that_was_charged(self) -> None:
        ending = end(
            "2026-03",
            agreement(next_invoice_date=date(2026, 3, 1)),
            ended_on="2026-02-10",
            charged_through=date(2026, 2, 28),
        )
        assert ending.last_billed_day == date(2026, 2, 28)
        assert (
            ending.explanation == "AppXite says that M365 ended on 2026-02-10, and charges nothing for it in 2026-03."
        )

    @pytest.mark.parametrize(
        ("what", "period", "changes", "charged", "billed"),
        [
            ("invoiced a month late", "2026-08", {}, (date(2026, 6, 1), date(2026, 6, 30)), "30.00"),
            ("invoiced a month ahead", "2026-06", {}, (date(2026, 6, 1), date(2026, 6, 30)), "30.00"),
            (
                "quarterly",
                "2026-05",
                {"billing_cycle": "Quarterly"},
                (date(2026, 1, 1), date(2026, 3, 31)),
                "30.00",
            ),
            ("yearly", "2026-02", {"billing_cycle": "Yearly"}, (date(2025, 1, 1), date(2025, 12, 31)), "30.00"),
            (
                "by contract year, prorated",
                "2026-07",
                {"invoicing_cycle": "ContractYear", "billing_start": date(2025, 1, 12), "is_prorated": True},
                (date(2026, 6, 12), date(2026, 7, 11)),
                "30.00",
            ),
        ],
    )
    def test_one_charge_is_billed_once_whatever_the_agreements_periods(
        self, what: str, period: str, changes: dict[str, Any], charged: tuple[date, date], billed: str
    ) -> None:
        """By the month before the plan these were billed 60, 0, 60, 60 and 19."""
        terms = agreement(**changes)
        first, last = charged
        ending = end(period, terms, charged_from=first, charged_through=last)
        assert bills(terms, "30.00", first, ending.last_billed_day) == Decimal(billed), what

    def test_what_is_invoiced_already_stays_billed_and_is_said(self) -> None:
        terms = agreement(next_invoice_date=date(2026, 4, 1))
        ending = end("2026-03", terms, charged_through=date(2026, 2, 28))
        assert ending.last_billed_day == date(2026, 3, 31)
        assert "ConnectWise has invoiced up to 2026-03-31 already" in ending.explanation

    def test_what_is_charged_beyond_the_last_invoice_is_still_billed(self) -> None:
        terms = agreement(next_invoice_date=date(2026, 3, 1), billing_cycle="Yearly")
        assert end("2026-03", terms, charged_through=date(2026, 12, 31)).last_billed_day == date(2026, 12, 31)


class TestAdditionsOfAnOlderBuild:
    """Nobody noted what they are charged through."""

    def test_they_end_before_the_billing_period_that_holds_the_plans_first_day(self) -> None:
        assert end("2026-05", agreement(billing_cycle="Quarterly")).last_billed_day == date(2026, 3, 31)
        contract_year = agreement(invoicing_cycle="ContractYear", billing_start=date(2025, 1, 12))
        assert end("2026-05", contract_year).last_billed_day == date(2026, 4, 11)

    def test_an_agreement_that_is_unknown_or_was_never_invoiced_changes_nothing(self) -> None:
        assert end("2026-03", None).last_billed_day == date(2026, 2, 28)
        assert end("2026-03", agreement()).last_billed_day == date(2026, 2, 28)


class TestLastDay:
    def test_months_end_when_they_end(self) -> None:
        assert [days_of(period)[1].day for period in ("2026-02", "2028-02", "2026-12")] == [28, 29, 31]
