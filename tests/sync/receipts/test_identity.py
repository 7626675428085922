"""AppXite's total = expected + not billable + unsent - differences, those dropped by rule among them, in any month."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.invoicing.exact import extend_in
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import AgreementFacts
from services.contracts.vocabulary import BillOption, DropRule
from services.sync.receipts.schemas import DifferenceKind, UnsentItem
from services.sync.receipts.tie_out import Charged, OnPsa, Sides, TieOut, tie_out
from services.sync.receipts.will_bill import Claim, Grounds, Unclaimed, WillBill, forecast_bills
from tests.sync.receipts.forecasting import PERIOD, agreement, claim, unclaimed

CURRENCIES = ["EUR", "JPY", "KWD"]
CUSTOMERS = ["org-1", "org-2"]
days = st.dates(date(2026, 4, 1), date(2026, 9, 30))
agreements = st.builds(
    agreement,
    billing_cycle=st.sampled_from(["Monthly", "Quarterly", "Yearly", "BiWeekly", "NotRecurring", "EveryFullMoon"]),
    invoicing_cycle=st.sampled_from(["CalendarYear", "ContractYear"]),
    billing_start=st.sampled_from([date(2025, 1, 1), date(2026, 5, 20)]),
    next_invoice_date=st.sampled_from([None, date(2026, 6, 1), date(2026, 7, 1)]),
    is_prorated=st.booleans(),
)


@dataclass
class Month:
    """A month in which each line took one way."""

    facts: list[AgreementFacts]
    claims: list[Claim]
    unclaimed: list[Unclaimed]
    left: list[Claim]
    """Lines that stay behind."""
    dropped: list[Claim] = field(default_factory=list)
    """Lines that a rule does not pass on."""

    def prove(self) -> TieOut:
        return tie_out(self.sides())

    def sides(self) -> Sides:
        sent = [each for each in self.claims if not each.is_listed]
        listed = [each for each in self.claims if each.is_listed] + self.left
        facts = {each.agreement_id: each for each in self.facts}
        return Sides(
            charged=[Charged(**_side(each), total=each.desired.amount) for each in sent + listed + self.dropped],
            kept_out=[],
            on_psa=[OnPsa(**_side(each), total=each.desired.amount) for each in sent],
            unsent=[*map(_unsent, listed), *map(_drop, self.dropped)],
            failures=[],
            failed_keys=frozenset(),
            will_bill=forecast_bills(Grounds(PERIOD, self.claims, self.unclaimed, facts, UNDESCRIBED)),
            psa="Ledgerly",
        )


def _side(of: Claim) -> dict[str, Any]:
    desired = of.desired
    return {
        "key": (desired.invoice_id, desired.row_id),
        **desired.model_dump(include={"organization_id", "organization", "currency"}),
    }


def _unsent(of: Claim) -> UnsentItem:
    names = {"line_id", "invoice_id", "row_id", "organization_id", "organization", "currency", "amount"}
    return UnsentItem(**of.desired.model_dump(include=names), status="held", reasons=[])


def _drop(of: Claim) -> UnsentItem:
    dropped = {"status": "dropped", "dropped_by": DropRule.FAVOURABLE_PRORATIONS, "invoice_number": "1001"}
    return _unsent(of).model_copy(update=dropped)


@st.composite
def lines(draw: st.DrawFn, number: int) -> Claim:
    currency = draw(st.sampled_from(CURRENCIES))
    quantity, price = Decimal(draw(st.integers(1, 40))), Decimal(draw(st.integers(-9999, 9999))) / 1000
    start, end = sorted([draw(days), draw(days)])
    home = sorted([draw(days), draw(days)])
    made = claim(
        f"TO-{number}",
        organization_id=draw(st.sampled_from(CUSTOMERS)),
        agreement_id=draw(st.sampled_from(["11", "12", "unknown"])),
        currency=currency,
        quantity=quantity,
        unit_price=price,
        amount=extend_in(currency, quantity, price),
        is_recurring=draw(st.booleans()),
        is_frozen=draw(st.booleans()),
        is_listed=draw(st.booleans()),
        bill_option=draw(st.sampled_from(BillOption)),
        effective_date=start,
        cancelled_date=draw(st.sampled_from([None, end])),
        bills_from=home[0],
        bills_through=home[1],
    )
    if made.held is not None and draw(st.booleans()):
        return replace(made, before=made.held.model_copy(update={"quantity": Decimal(draw(st.integers(1, 40)))}))
    return made


@st.composite
def standing(draw: st.DrawFn) -> Unclaimed:
    start, end = sorted([draw(days), draw(days)])
    through = draw(st.sampled_from([None, date(2026, 5, 31), date(2026, 6, 30)]))
    return unclaimed(
        organization_id=draw(st.sampled_from(CUSTOMERS)),
        agreement_id=draw(st.sampled_from(["11", "12", "unknown"])),
        currency=draw(st.sampled_from(CURRENCIES)),
        unit_price=Decimal(draw(st.integers(-9999, 9999))) / 1000,
        effective_date=start,
        cancelled_date=draw(st.sampled_from([None, end])),
        bill_option=draw(st.sampled_from(BillOption)).value,
        is_recurring=draw(st.booleans()),
        charged_through=through,
        has_lines=draw(st.booleans()),
    )


@st.composite
def months(draw: st.DrawFn) -> Month:
    made = [draw(lines(number)) for number in range(draw(st.integers(0, 6)))]
    cut = draw(st.integers(0, len(made)))
    rest = draw(st.integers(cut, len(made)))
    return Month(
        facts=[draw(agreements), draw(agreements).model_copy(update={"agreement_id": "12"})],
        claims=made[:cut],
        unclaimed=draw(st.lists(standing(), max_size=4)),
        left=made[cut:rest],
        dropped=made[rest:],
    )


class TestAnyMonth:
    @given(months())
    def test_what_is_charged_is_expected_or_not_billable_or_unsent_or_a_difference(self, month: Month) -> None:
        proven = month.prove()
        assert (proven.accounted_for, proven.failures) == (True, [])
        for total in proven.totals:
            differing = sum(
                each.amount
                for each in proven.differences
                if (each.organization_id, each.currency) == (total.organization_id, total.currency)
            )
            assert total.expected_billed is not None
            assert total.not_billable is not None
            assert total.appxite_total == (total.expected_billed + total.not_billable + total.unsent_total - differing)

    @given(months())
    def test_a_customer_is_billed_as_charged_exactly_where_no_difference_is_listed(self, month: Month) -> None:
        proven = month.prove()
        meant = DifferenceKind.DROPPED
        differing = {(each.organization_id, each.currency) for each in proven.differences if each.kind is not meant}
        for total in proven.totals:
            assert total.bills_as_charged is ((total.organization_id, total.currency) not in differing)
        assert proven.bills_as_charged is not bool(differing)

    @given(months())
    def test_every_difference_says_what_is_expected_beyond_the_charge_why_and_what_to_do(self, month: Month) -> None:
        for each in month.prove().differences:
            assert each.amount == each.expected - each.charged != 0
            assert each.reason.endswith(".")
            assert each.next_step.endswith(".")

    @given(months())
    def test_what_rules_drop_is_shown_as_money_and_each_line_of_it_is_named(self, month: Month) -> None:
        proven = month.prove()
        for total in proven.totals:
            named = [
                each.charged
                for each in proven.differences
                if each.kind is DifferenceKind.DROPPED
                if (each.organization_id, each.currency) == (total.organization_id, total.currency)
            ]
            assert total.dropped == sum(named)

    def test_money_that_nothing_explains_is_named_and_nothing_bills_as_charged(self) -> None:
        month = Month([agreement()], [claim()], [], [])
        proven = tie_out(replace(month.sides(), will_bill=WillBill()))
        assert (proven.accounted_for, proven.bills_as_charged) == (True, False)
        (named,) = proven.failures
        assert "leave 50.00 EUR unexplained" in named.error


def test_shares_are_never_rounded_up() -> None:
    shares = [_share(sent) for sent in (0, 1, 999, 1000)]
    assert shares == [Decimal("0.0"), Decimal("0.1"), Decimal("99.9"), Decimal("100.0")]


def _share(sent: int) -> Decimal | None:
    moved = [claim("TO-S", quantity=Decimal(1), unit_price=Decimal(sent))] if sent else []
    left = [claim("TO-L", quantity=Decimal(1), unit_price=Decimal(1000 - sent))] if sent < 1000 else []
    return Month([agreement()], moved, [], left).prove().totals[0].sent_percent
