from datetime import date
from typing import Any

from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts
from services.sync.plans.cancellation import plan_ending


def agreement(**changes: Any) -> AgreementFacts:
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
    return AgreementFacts(**values)


class TestLastBilledDay:
    def test_it_is_the_day_before_the_period_that_is_no_longer_charged(self) -> None:
        ending = plan_ending(
            "2026-03", "M365", "2026-02-10", agreement(next_invoice_date=date(2026, 3, 1)), "ConnectWise"
        )
        assert ending.last_billed_day == date(2026, 2, 28)
        assert (
            ending.explanation == "AppXite says that M365 ended on 2026-02-10, and charges nothing for it in 2026-03."
        )

    def test_what_is_invoiced_already_stays_billed_and_is_told(self) -> None:
        ending = plan_ending("2026-03", "M365", "", agreement(next_invoice_date=date(2026, 4, 1)), "ConnectWise")
        assert ending.last_billed_day == date(2026, 3, 31)
        assert "ConnectWise has invoiced up to 2026-03-31 already" in ending.explanation

    def test_an_agreement_that_is_unknown_or_was_never_invoiced_changes_nothing(self) -> None:
        assert plan_ending("2026-03", "M365", "", None, "ConnectWise").last_billed_day == date(2026, 2, 28)
        assert plan_ending("2026-03", "M365", "", agreement(), "ConnectWise").last_billed_day == date(2026, 2, 28)


class TestLastDay:
    def test_months_end_when_they_end(self) -> None:
        assert [days_of(period)[1].day for period in ("2026-02", "2028-02", "2026-12")] == [28, 29, 31]
