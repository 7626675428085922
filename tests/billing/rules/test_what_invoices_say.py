"""Rules ask what ConnectWise's invoices say of a period; the next invoice date decides only where they say nothing."""

from datetime import date
from typing import Any

from services.billing.rules.book import RateBook
from services.billing.rules.frozen import is_invoiced
from services.billing.rules.open_period import find_open_period
from services.billing.rules.rate import rate
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import DayRange
from services.contracts.vocabulary import HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, an_agreement, an_invoiced_line, some_rules

OCTOBER = DayRange(first=date(2026, 10, 1), last=date(2026, 10, 31))
NOVEMBER = DayRange(first=date(2026, 11, 1), last=date(2026, 11, 30))
ONCE: dict[str, Any] = {"charge_type": "OneTimeFee", "charge_start": date(2026, 11, 3), "charge_end": date(2026, 11, 3)}


def book(next_invoice: date, **changes: Any) -> RateBook:
    """Of one agreement."""
    rules = changes.pop("rules", some_rules())
    return a_book(an_agreement(next_invoice_date=next_invoice, **changes), rules=rules)


class TestWhatWasSent:
    def test_is_frozen_when_its_period_has_an_invoice_though_the_next_date_is_earlier(self) -> None:
        assert is_invoiced(an_invoiced_line(), book(date(2026, 9, 1), invoiced=[OCTOBER]))

    def test_is_not_frozen_when_the_invoice_of_its_period_was_deleted(self) -> None:
        assert not is_invoiced(an_invoiced_line(), book(date(2026, 11, 1), invoiced=[], reopened=[OCTOBER]))

    def test_stays_frozen_when_its_period_was_written_off(self) -> None:
        assert is_invoiced(an_invoiced_line(), book(date(2026, 11, 1), invoiced=[], unbilled=[OCTOBER]))


class TestWhatIsNew:
    def test_a_one_time_charge_does_not_go_into_a_period_that_is_invoiced_ahead(self) -> None:
        hold = some_rules(when_already_invoiced="hold")
        rated = rate(a_line(**ONCE), book(date(2026, 10, 1), invoiced=[NOVEMBER], rules=hold))
        assert (rated.status, rated.hold_reasons) == (LineStatus.HELD, (HoldReason.PERIOD_ALREADY_INVOICED,))

    def test_it_moves_to_the_next_open_period(self) -> None:
        moves = some_rules(when_already_invoiced="next_open_period")
        rated = rate(a_line(**ONCE), book(date(2026, 11, 1), invoiced=[NOVEMBER], rules=moves))
        assert rated.start.value == date(2026, 12, 1)

    def test_a_reopened_period_takes_it_where_the_agreement_prorates(self) -> None:
        hold = some_rules(when_already_invoiced="hold")
        open_again = {"invoiced": [], "reopened": [NOVEMBER], "is_prorated": True}
        rated = rate(a_line(**ONCE), book(date(2026, 12, 1), rules=hold, **open_again))
        assert HoldReason.PERIOD_ALREADY_INVOICED not in rated.hold_reasons

    def test_what_connectwise_refuses_is_about_the_next_date_itself(self) -> None:
        hold = some_rules(when_already_invoiced="hold")
        rated = rate(a_line(**ONCE), book(date(2026, 12, 1), invoiced=[], reopened=[NOVEMBER], rules=hold))
        assert rated.hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)

    def test_the_open_period_is_the_first_without_an_invoice(self) -> None:
        terms = AgreementTerms(an_agreement(next_invoice_date=date(2026, 10, 1), invoiced=[OCTOBER]))
        period = find_open_period(terms)
        assert period is not None
        assert period.start == date(2026, 11, 1)
