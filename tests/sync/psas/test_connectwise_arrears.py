"""Agreements that bill a period after its end."""

from datetime import date
from typing import Any

import pytest

from services.contracts.shapes import AgreementFacts
from services.sync.psas.connectwise.arrears import open_running_period
from services.sync.psas.connectwise.traits import describe
from services.sync.settings import UpstreamSettings
from tests.billing.builders import an_agreement

TRAITS = describe(UpstreamSettings())


def first_open_day(**agreement: Any) -> date | None:
    facts: AgreementFacts = an_agreement(**agreement)
    return open_running_period(facts, TRAITS).next_invoice_date


class TestTheFirstOpenDayInArrears:
    def test_the_period_that_is_invoiced_next_is_still_open(self) -> None:
        assert first_open_day(next_invoice_date=date(2026, 11, 1)) == date(2026, 10, 1)

    @pytest.mark.parametrize(
        ("due", "first"), [(date(2026, 10, 1), date(2026, 7, 1)), (date(2027, 1, 1), date(2026, 10, 1))]
    )
    def test_a_quarter_is_open_as_a_whole(self, due: date, first: date) -> None:
        assert first_open_day(billing_cycle="Quarterly", next_invoice_date=due) == first

    def test_an_agreement_that_was_never_invoiced_is_open_from_its_start(self) -> None:
        start = date(2026, 3, 15)
        assert first_open_day(billing_start=start, next_invoice_date=start) == start
        assert first_open_day(billing_start=start, next_invoice_date=None) is None

    def test_a_cycle_nobody_knows_leaves_the_date_as_it_is(self) -> None:
        due = date(2026, 11, 1)
        assert first_open_day(billing_cycle="Fortnightly", next_invoice_date=due) == due
