"""Which periods are invoiced, reopened or written off, by the invoices of an agreement."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import AgreementFacts, DayRange
from services.sync.invoices.coverage import Covered, Watch, assign_periods, describe_agreement
from services.sync.psas.invoice import PsaInvoice
from tests.billing.builders import an_agreement

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


def invoice(key: str, day: date | None) -> PsaInvoice:
    return PsaInvoice(key, f"N-{key}", "agreement-1", day, "USD", Decimal(10), Decimal(10), None)


def month(first: date, last: date) -> DayRange:
    return DayRange(first=first, last=last)


IN_OCTOBER, IN_NOVEMBER, IN_DECEMBER = (
    month(OCTOBER, date(2026, 10, 31)),
    month(NOVEMBER, date(2026, 11, 30)),
    month(DECEMBER, date(2026, 12, 31)),
)


def terms(next_invoice: date | None = NOVEMBER, **changes: Any) -> AgreementTerms:
    return AgreementTerms(an_agreement(next_invoice_date=next_invoice, **changes))


def periods(
    found: AgreementTerms, *invoices: PsaInvoice, covered: tuple[date, ...] = (), seen: date | None = None
) -> dict[str, date | None]:
    assigned = assign_periods(invoices, covered, found, seen)
    return {key: period.start if period else None for key, period in assigned.items()}


class TestWhichPeriodAnInvoiceCovers:
    def test_the_one_that_its_date_lies_in(self) -> None:
        assert periods(terms(), invoice("1", OCTOBER)) == {"1": OCTOBER}

    def test_the_one_before_its_date_where_the_agreement_bills_in_arrears(self) -> None:
        assert periods(terms(is_in_arrears=True), invoice("1", NOVEMBER)) == {"1": OCTOBER}

    def test_those_over_which_the_next_invoice_date_moved_on_whatever_its_own_date(self) -> None:
        late = [invoice("2", date(2026, 12, 3)), invoice("1", date(2026, 12, 3))]
        assert periods(terms(DECEMBER), *late, seen=OCTOBER) == {"1": OCTOBER, "2": NOVEMBER}

    def test_one_that_was_deleted_and_made_again_fills_its_gap(self) -> None:
        again = invoice("9", date(2026, 12, 3))
        assert periods(terms(DECEMBER), again, covered=(NOVEMBER,), seen=OCTOBER) == {"9": OCTOBER}

    def test_one_of_the_first_open_day_was_made_late_for_the_period_before(self) -> None:
        assert periods(terms(), invoice("1", NOVEMBER)) == {"1": OCTOBER}

    def test_one_of_the_first_open_day_is_ahead_where_the_period_before_has_its_own(self) -> None:
        assert periods(terms(), invoice("1", NOVEMBER), covered=(OCTOBER,)) == {"1": NOVEMBER}

    def test_one_beside_another_covers_what_was_closed_meanwhile(self) -> None:
        early = [invoice("1", date(2026, 10, 25)), invoice("2", date(2026, 10, 26))]
        found = periods(terms(DECEMBER), *early, covered=(OCTOBER,), seen=NOVEMBER)
        assert sorted(found.values(), key=str) == [OCTOBER, NOVEMBER]

    def test_nobody_knows_it_of_one_without_a_date(self) -> None:
        assert periods(terms(), invoice("1", None)) == {"1": None}


def describe(
    found: AgreementTerms, live: list[DayRange], gone: list[DayRange] | None = None, watched: date | None = NOVEMBER
) -> AgreementFacts:
    covered = Covered({each.first: each for each in live}, {each.first: each for each in gone or []})
    return describe_agreement(found.facts, covered, Watch(watched, found.facts.next_invoice_date), found)


def ask(facts: AgreementFacts) -> AgreementTerms:
    return AgreementTerms(facts)


class TestWhatInvoicesSayOfPeriods:
    def test_an_invoice_ahead_of_the_next_date_closes_its_period(self) -> None:
        after = ask(describe(terms(NOVEMBER), [IN_OCTOBER, IN_DECEMBER]))
        assert [after.is_invoiced(day) for day in (OCTOBER, NOVEMBER, DECEMBER)] == [True, False, True]

    def test_a_period_whose_invoice_is_gone_is_open_again(self) -> None:
        after = ask(describe(terms(DECEMBER), [IN_OCTOBER], gone=[IN_NOVEMBER]))
        assert [after.is_invoiced(day) for day in (OCTOBER, NOVEMBER, DECEMBER)] == [True, False, False]
        assert (after.open_from, after.closed_through) == (NOVEMBER, date(2026, 10, 31))
        assert not after.is_written_off(NOVEMBER)

    def test_one_that_was_invoiced_again_is_not(self) -> None:
        assert ask(describe(terms(DECEMBER), [IN_NOVEMBER], gone=[IN_NOVEMBER])).is_invoiced(NOVEMBER)

    def test_a_period_that_was_closed_without_an_invoice_is_written_off_and_stays_closed(self) -> None:
        after = ask(describe(terms(DECEMBER), [IN_OCTOBER]))
        assert (after.is_invoiced(NOVEMBER), after.is_written_off(NOVEMBER)) == (True, True)
        assert not after.is_written_off(OCTOBER)

    def test_of_one_that_nobody_watched_nothing_is_said(self) -> None:
        after = ask(describe(terms(NOVEMBER), []))
        assert (after.is_invoiced(OCTOBER), after.is_written_off(OCTOBER)) == (True, False)

    def test_one_of_an_agreement_with_a_parent_may_be_on_the_invoice_of_that(self) -> None:
        assert describe(terms(DECEMBER, has_parent=True), [IN_OCTOBER]).unbilled == []

    def test_periods_that_touch_are_one_range(self) -> None:
        facts = describe(terms(date(2027, 1, 1)), [IN_NOVEMBER, IN_OCTOBER, IN_DECEMBER])
        assert facts.invoiced == [month(OCTOBER, date(2026, 12, 31))]

    def test_without_invoices_the_next_date_alone_says_it(self) -> None:
        assert [terms().is_invoiced(day) for day in (OCTOBER, NOVEMBER)] == [True, False]
