from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.line import DateValue, Line, Rated
from services.billing.rules.rate import rate
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import AgreementFacts
from services.contracts.vocabulary import HoldReason, LineStatus, Provenance
from tests.billing.builders import a_book, a_line, a_psa, a_running_addition, an_agreement, some_rules

USER, SYSTEM, SOURCE = Provenance.USER, Provenance.SYSTEM, Provenance.SOURCE


def rated(line: Line, *agreements: AgreementFacts, running: Any = None, **rules: Any) -> Rated:
    return rate(line, a_book(*agreements, rules=some_rules(**rules), running=running or {}))


def shown(value: DateValue) -> tuple[date | None, Provenance]:
    return value.value, value.provenance


def usage(**changes: Any) -> Line:
    return a_line(charge_type="UsageFee", **changes)


class TestDefaults:
    def test_a_recurring_charge_starts_as_invoiced_and_stays_open(self) -> None:
        found = rated(a_line())
        assert shown(found.start) == (date(2026, 10, 12), SOURCE)
        assert shown(found.end) == (None, SYSTEM)
        assert found.end.source == date(2026, 11, 11)

    def test_a_one_time_charge_within_a_billing_period_goes_as_invoiced(self) -> None:
        found = rated(usage(charge_end=date(2026, 10, 20)))
        assert shown(found.start) == (date(2026, 10, 12), SOURCE)
        assert shown(found.end) == (date(2026, 10, 20), SOURCE)

    def test_a_one_time_charge_ends_with_the_billing_period_it_starts_in(self) -> None:
        found = rated(usage())
        assert shown(found.end) == (date(2026, 10, 31), SYSTEM)
        assert "bills once" in found.end.explanation

    def test_a_one_time_charge_on_a_prorating_agreement_covers_its_whole_billing_period(self) -> None:
        found = rated(usage(charge_end=date(2026, 10, 20)), an_agreement(is_prorated=True))
        assert shown(found.start) == (date(2026, 10, 1), SYSTEM)
        assert shown(found.end) == (date(2026, 10, 31), SYSTEM)
        assert found.warnings == ()

    def test_a_one_time_charge_that_covers_the_period_already_is_left_alone(self) -> None:
        line = usage(charge_start=date(2026, 10, 1), charge_end=date(2026, 10, 31))
        found = rated(line, an_agreement(is_prorated=True))
        assert (found.start.provenance, found.end.provenance) == (SOURCE, SOURCE)

    def test_a_first_period_that_is_not_whole_gives_way_to_the_next_on_a_prorating_agreement(self) -> None:
        found = rated(usage(), an_agreement(is_prorated=True, billing_start=date(2026, 10, 10)))
        assert (found.start.value, found.end.value) == (date(2026, 11, 1), date(2026, 11, 30))
        assert found.warnings == ()

    def test_a_recurring_charge_on_a_prorating_agreement_is_not_prorated_twice(self) -> None:
        found = rated(a_line(), an_agreement(is_prorated=True))
        assert shown(found.start) == (date(2026, 10, 1), SYSTEM)
        assert "prorate" in found.start.explanation
        assert (found.forecast, found.warnings) == (a_line().total, ())

    def test_an_addition_that_runs_already_needs_no_earlier_start(self) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition()}
        found = rated(a_line(), an_agreement(is_prorated=True), running=running)
        assert shown(found.start) == (date(2026, 10, 12), SOURCE)

    def test_without_an_agreement_dates_stay_as_invoiced(self) -> None:
        found = rate(usage(), a_book(agreements=()))
        assert (found.start.provenance, found.end.provenance) == (SOURCE, SOURCE)

    def test_an_agreement_whose_cycle_nobody_knows_leaves_dates_as_invoiced(self) -> None:
        found = rated(usage(), an_agreement(billing_cycle="Fortnightly", is_prorated=True))
        assert (found.start.provenance, found.end.provenance, found.forecast) == (SOURCE, SOURCE, None)

    def test_a_charge_without_a_start_is_held(self) -> None:
        found = rated(usage(charge_start=None))
        assert found.hold_reasons == (HoldReason.DATES_MISSING,)
        assert shown(found.end) == (date(2026, 11, 11), SOURCE)

    def test_a_charge_without_an_end_ends_with_its_period(self) -> None:
        assert rated(usage(charge_end=None)).end.value == date(2026, 10, 31)


RULES = [
    ({"kind": "as_invoiced"}, date(2026, 10, 12), "as invoiced"),
    ({"kind": "first_day_of_month"}, date(2026, 10, 1), "first day of the invoice month"),
    ({"kind": "last_day_of_month"}, date(2026, 10, 31), "last day of the invoice month"),
    ({"kind": "first_day_of_next_month"}, date(2026, 11, 1), "first day of the month after the invoice"),
    ({"kind": "billing_cycle_day"}, date(2026, 10, 9), "billing-cycle day of the contract"),
    ({"kind": "next_invoice_date"}, date(2026, 10, 1), "next invoice date of the agreement"),
    ({"kind": "fixed_day", "day": 20}, date(2026, 10, 20), "day 20 of the invoice month"),
    ({"kind": "fixed_day", "day": 5, "offset_days": 1}, date(2026, 10, 6), "1 day later"),
    (
        {"kind": "as_invoiced", "offset_months": 2, "offset_days": -2},
        date(2026, 12, 10),
        "2 months later, 2 days earlier",
    ),
]


class TestRules:
    @pytest.mark.parametrize(("rule", "day", "words"), RULES)
    def test_a_start_rule_computes_the_day_and_says_how(self, rule: dict[str, Any], day: date, words: str) -> None:
        book = a_book(rules=some_rules(charge_start=rule), billing_days={"org-1": 9})
        found = rate(a_line(), book)
        assert shown(found.start) == (day, SYSTEM)
        assert words in found.start.explanation

    @pytest.mark.parametrize("kind", ["billing_cycle_day", "next_invoice_date"])
    def test_a_rule_with_nothing_to_count_from_leaves_the_day_as_invoiced(self, kind: str) -> None:
        found = rated(a_line(), an_agreement(next_invoice_date=None), charge_start={"kind": kind})
        assert found.start.value == date(2026, 10, 12)
        assert "nothing to count from" in found.start.explanation

    def test_a_rule_that_needs_an_agreement_waits_for_one(self) -> None:
        book = a_book(agreements=(), rules=some_rules(charge_start={"kind": "next_invoice_date"}))
        assert rate(a_line(), book).start.value == date(2026, 10, 12)

    def test_day_31_means_the_last_day_of_a_shorter_month(self) -> None:
        line = a_line(invoice_date=date(2026, 11, 3))
        assert rated(line, charge_start={"kind": "fixed_day", "day": 31}).start.value == date(2026, 11, 30)

    def test_a_rule_of_the_charge_type_beats_the_rule_for_all(self) -> None:
        rules = {
            "charge_start": {"kind": "first_day_of_month"},
            "by_charge_type": {"CycleFee": {"charge_start": {"kind": "last_day_of_month"}}},
        }
        assert rated(a_line(), **rules).start.value == date(2026, 10, 31)
        assert rated(usage(), **rules).start.value == date(2026, 10, 1)

    def test_an_end_rule_closes_a_recurring_charge(self) -> None:
        found = rated(a_line(), charge_end={"kind": "last_day_of_month"})
        assert shown(found.end) == (date(2026, 10, 31), SYSTEM)

    def test_an_open_end_rule_opens_recurring_charges_only(self) -> None:
        rules = {"charge_end": {"kind": "open_ended"}}
        assert rated(a_line(), **rules).end.value is None
        once = rated(usage(), **rules)
        assert once.end.value == date(2026, 10, 31)
        assert "a one-time charge bills once" in once.end.explanation

    def test_a_rule_can_carry_a_day_no_further_than_the_calendar(self) -> None:
        line = a_line(charge_end=date(9999, 12, 31), charge_start=date(9999, 12, 1))
        found = rated(line, charge_end={"kind": "as_invoiced", "offset_days": 30})
        assert found.end.value == date.max


class TestWhatThePsaRefuses:
    def test_a_start_before_billing_is_moved_to_the_billing_start(self) -> None:
        found = rated(a_line(), an_agreement(billing_start=date(2026, 11, 1), next_invoice_date=None))
        assert shown(found.start) == (date(2026, 11, 1), SYSTEM)
        assert "billing start of the agreement" in found.start.explanation
        assert found.status is LineStatus.READY

    def test_a_one_time_charge_from_before_billing_still_bills_once(self) -> None:
        agreement = an_agreement(billing_start=date(2026, 12, 1), next_invoice_date=None)
        found = rated(usage(), agreement)
        assert (found.start.value, found.end.value) == (date(2026, 12, 1), date(2026, 12, 31))

    def test_a_users_start_before_billing_holds_the_line(self) -> None:
        line = a_line(user_start=date(2026, 10, 5))
        found = rated(line, an_agreement(billing_start=date(2026, 11, 1), next_invoice_date=None))
        assert shown(found.start) == (date(2026, 10, 5), USER)
        assert found.hold_reasons == (HoldReason.STARTS_BEFORE_BILLING,)

    def test_an_end_before_the_start_holds_the_line(self) -> None:
        found = rated(a_line(user_end=date(2026, 10, 1)))
        assert shown(found.end) == (date(2026, 10, 1), USER)
        assert (found.hold_reasons, found.forecast) == ((HoldReason.END_BEFORE_START,), None)
        assert rated(usage(user_end=date(2026, 10, 1))).forecast is None


OCTOBER_IS_INVOICED = an_agreement(next_invoice_date=date(2026, 11, 1))
PRORATING = OCTOBER_IS_INVOICED.model_copy(update={"is_prorated": True})
MOVED = "moved to 1–30 November 2026, the next period that is not invoiced yet"
OPEN_IS_NOVEMBER = "its billing period is invoiced; the next open one is 1–30 November 2026"


class TestLateCharges:
    def test_a_one_time_charge_moves_to_the_next_open_period(self) -> None:
        found = rated(usage(), OCTOBER_IS_INVOICED)
        assert (found.start.value, found.end.value) == (date(2026, 11, 1), date(2026, 11, 11))
        assert (found.status, found.forecast) == (LineStatus.READY, Decimal("30.00"))
        assert found.start.explanation == f"as invoiced; {MOVED}"

    @pytest.mark.parametrize("refuses", [True, False])
    def test_on_a_prorating_agreement_it_takes_the_whole_of_that_period(self, refuses: bool) -> None:
        found = rate(usage(), a_book(PRORATING, psa=a_psa(refuses_invoiced_dates=refuses)))
        assert (found.start.value, found.end.value) == (date(2026, 11, 1), date(2026, 11, 30))
        assert (found.status, found.forecast) == (LineStatus.READY, Decimal("30.00"))
        assert found.start.explanation == f"as invoiced; {MOVED}"

    def test_a_charge_of_a_period_that_is_still_open_stays_where_it_is(self) -> None:
        found = rated(usage(charge_start=date(2026, 11, 5)), PRORATING)
        assert (found.start.value, found.end.value) == (date(2026, 11, 1), date(2026, 11, 30))
        assert MOVED not in found.start.explanation

    def test_a_period_that_invoicing_has_reached_into_is_not_open(self) -> None:
        for prorates in (True, False):
            found = rated(usage(), an_agreement(next_invoice_date=date(2026, 10, 20), is_prorated=prorates))
            assert (found.start.value, found.status) == (date(2026, 11, 1), LineStatus.READY)

    def test_by_rule_it_is_held_and_the_open_period_named(self) -> None:
        for agreement in (OCTOBER_IS_INVOICED, PRORATING):
            found = rated(usage(), agreement, late_one_time="hold")
            assert found.hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)
            assert OPEN_IS_NOVEMBER in found.start.explanation

    def test_dates_of_rules_move_with_it(self) -> None:
        rules = {"charge_start": {"kind": "first_day_of_month"}, "charge_end": {"kind": "last_day_of_month"}}
        for agreement in (OCTOBER_IS_INVOICED, PRORATING):
            found = rated(usage(charge_end=date(2026, 10, 31)), agreement, **rules)
            assert (found.start.value, found.end.value) == (date(2026, 11, 1), date(2026, 11, 30))
            assert (found.status, found.forecast) == (LineStatus.READY, Decimal("30.00"))

    def test_an_agreement_without_another_period_holds_it(self) -> None:
        agreement = an_agreement(billing_cycle="NotRecurring", next_invoice_date=date(2026, 11, 1))
        found = rated(usage(user_agreement_id="agreement-1"), agreement)
        assert found.hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)
        assert "the agreement has no other" in found.start.explanation

    def test_a_users_start_in_an_invoiced_period_is_held_whatever_the_rule(self) -> None:
        for line in (usage(user_start=date(2026, 10, 5)), a_line(user_start=date(2026, 10, 5))):
            found = rated(
                line, OCTOBER_IS_INVOICED, late_one_time="next_open_period", late_recurring="next_open_period"
            )
            assert found.hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)
            assert found.start.explanation == f"set by a user; {OPEN_IS_NOVEMBER}"
            assert found.is_recurring is line.charge_type.startswith("Cycle")

    def test_a_recurring_charge_is_held_and_the_open_period_named(self) -> None:
        found = rated(a_line(), OCTOBER_IS_INVOICED)
        assert found.hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)
        assert found.start.explanation == f"as invoiced; {OPEN_IS_NOVEMBER}"

    def test_by_rule_a_recurring_charge_bills_once_in_the_next_open_period(self) -> None:
        found = rated(a_line(), OCTOBER_IS_INVOICED, late_recurring="next_open_period", late_one_time="hold")
        assert not found.is_recurring
        assert (found.start.value, found.end.value) == (date(2026, 11, 1), date(2026, 11, 11))
        assert any("is invoiced" in words for words in found.explanation)

    def test_a_prorating_agreement_catches_up_on_what_recurs(self) -> None:
        assert rated(a_line(), PRORATING).status is LineStatus.READY

    @pytest.mark.parametrize("setting", ["hold", "next_open_period"])
    def test_an_addition_that_runs_already_has_billed_the_invoiced_period(self, setting: str) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition()}
        found = rated(a_line(), OCTOBER_IS_INVOICED, running=running, late_recurring=setting)
        assert (found.status, found.is_recurring) == (LineStatus.READY, True)

    @pytest.mark.parametrize(
        ("agreement", "words"),
        [
            ({}, "1–30 November 2026"),
            ({"billing_cycle": "Quarterly", "next_invoice_date": date(2027, 1, 1)}, "1 January–31 March 2027"),
            (
                {"invoicing_cycle": "ContractYear", "billing_start": date(2026, 1, 15)}
                | {"next_invoice_date": date(2026, 12, 15)},
                "15 December 2026–14 January 2027",
            ),
        ],
    )
    def test_a_period_is_spelt_as_people_write_it(self, agreement: dict[str, Any], words: str) -> None:
        facts = OCTOBER_IS_INVOICED.model_copy(update=agreement)
        assert f"moved to {words}," in rated(usage(), facts).start.explanation


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
RULE_KINDS = st.sampled_from(["as_invoiced", "first_day_of_month", "last_day_of_month", "first_day_of_next_month"])
CYCLES = st.sampled_from(["Weekly", "Monthly", "Quarterly", "Yearly"])


class TestAlways:
    @given(
        start=DAYS,
        end=st.none() | DAYS,
        billing_start=DAYS,
        next_invoice=st.none() | DAYS,
        cycle=CYCLES,
        is_prorated=st.booleans(),
        setting=st.sampled_from(["hold", "next_open_period"]),
    )
    def test_a_one_time_charge_lies_in_one_billing_period(
        self,
        start: date,
        end: date | None,
        billing_start: date,
        next_invoice: date | None,
        cycle: str,
        is_prorated: bool,
        setting: str,
    ) -> None:
        agreement = an_agreement(
            billing_start=billing_start, next_invoice_date=next_invoice, billing_cycle=cycle, is_prorated=is_prorated
        )
        found = rated(usage(charge_start=start, charge_end=end), agreement, late_one_time=setting)
        terms = AgreementTerms(agreement)
        assert found.start.value is not None
        assert found.end.value is not None
        period = terms.period_of(found.start.value)
        assert period == terms.period_of(found.end.value)
        assert billing_start <= found.start.value <= found.end.value
        if is_prorated and period is not None:
            assert (found.start.value, found.end.value, period.is_whole) == (period.start, period.end, True)
        if next_invoice and found.status is LineStatus.READY and period is not None:
            assert found.start.value >= next_invoice
        if found.status is LineStatus.READY:
            assert (found.forecast, found.warnings) == (found.unit_price * found.quantity, ())  # type: ignore[operator]

    @given(source=DAYS, user=st.none() | DAYS, kind=st.none() | RULE_KINDS)
    def test_a_user_beats_a_rule_and_a_rule_beats_the_default(
        self, source: date, user: date | None, kind: str | None
    ) -> None:
        line = a_line(charge_start=source, user_start=user)
        never_invoiced = an_agreement(next_invoice_date=None)
        found = rated(line, never_invoiced, charge_start={"kind": kind} if kind else None).start
        without_user = rated(
            replace(line, user_start=None), never_invoiced, charge_start={"kind": kind} if kind else None
        )
        assert found.provenance is (USER if user else SYSTEM if kind else SOURCE)
        assert found.value == (user or without_user.start.value)
        assert found.system == without_user.start.value
