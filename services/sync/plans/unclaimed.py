"""Additions of ours that bill although the plan names them nowhere: closed, asked about, or still to be charged. Pure.

Closed where their charge is on another addition now. Asked about where their line stays behind, or where a complete
month brings none. Listed where the charge is still to come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.vocabulary import BillOption, DecisionChoice, OperationKind, UndecidedCause
from services.sync.additions.twins import choose_kept, end_billing
from services.sync.additions.written import Written
from services.sync.plans.charged import ONE_DAY, Uncharged, find_last_charged_day
from services.sync.plans.claims import Claims, Unclaimed
from services.sync.plans.ends import refuse_end, say_end
from services.sync.plans.operation import Choice, Ground, PlannedOperation, Question, see_drift
from services.sync.plans.schemas import ExpectedAddition
from services.sync.psas.addition import Addition, AdditionValues

RULES = "Billing rules"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided earlier about an addition, and what it was charged through then."""

    choice: Choice
    charged_through: date | None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What decides about additions that nothing names, on whichever agreement.

    Args:
        first_day: of the plan's period.
        last_day: of the plan's period.
        decisions: marker → what a person decided last.
        rules: what the billing rules say of a cause; an absent one asks.
    """

    claims: Claims
    first_day: date
    last_day: date
    today: date
    decisions: Mapping[str, Decided]
    rules: Mapping[UndecidedCause, DecisionChoice]


@dataclass(slots=True)
class Findings:
    """What an inquiry found."""

    operations: list[PlannedOperation] = field(default_factory=list)
    expected: list[ExpectedAddition] = field(default_factory=list)


def examine_unclaimed(
    written: Iterable[Written], terms: AgreementTerms | None, ground: Ground, inquiry: Inquiry, trouble: str = ""
) -> Findings:
    """Examine our additions of one agreement.

    Args:
        terms: None where the mirror does not know the agreement.
        trouble: why nobody can say what the agreement bills.
    """
    findings = Findings()
    for each in written:
        reason = None if each.is_gone else inquiry.claims.explain(each, inquiry.last_day)
        if reason is None:
            continue
        if trouble:
            if reason.elsewhere or reason.cause:
                findings.operations.append(
                    refuse_end(each.agreement_id, each.marker, [reason.explanation], ground, trouble)
                )
            continue
        carriers = ground.find_carriers(each.marker)
        if carriers:
            found = choose_kept(carriers, ground.next_invoice).kept
            _Case(each, reason, found, terms, ground, inquiry).judge(findings)
    return findings


@dataclass(frozen=True, slots=True)
class _Case:
    """One addition that nothing names."""

    written: Written
    reason: Unclaimed
    found: Addition
    terms: AgreementTerms | None
    ground: Ground
    inquiry: Inquiry

    def judge(self, findings: Findings) -> None:
        ending = self._ending()
        if not self._bills or ending == self.found.values:
            return
        bills = self._will_bill()
        if self.reason.elsewhere is not None:
            if bills != 0 or self.reason.elsewhere.is_recurring or self.reason.is_withdrawn:
                findings.operations.append(self._close(ending, bills))
        elif bills == 0:
            return
        elif self.reason.cause is None:
            findings.expected.append(self._expect(bills))
        else:
            findings.operations.append(self._ask(self.reason.cause, ending, bills))

    @property
    def _bills(self) -> bool:
        values = self.found.values
        return values.bill_option == BillOption.BILLABLE.value and values.total(self.written.currency) != 0

    @property
    def _last_charged(self) -> date | None:
        """None where no charge ever stood behind it, or does any more."""
        there = self.reason.elsewhere
        if not self.written.is_recurring:
            return None
        last = find_last_charged_day(
            self.written, self.terms, self.inquiry.first_day, is_withdrawn=self.reason.is_withdrawn
        )
        if there is None or there.bills_from is None:
            return last
        # What carries the charge now does so from its first period on; of an older build's addition only that is known.
        is_known = self.written.charged_through is not None
        before = there.bills_from - ONE_DAY
        if self.reason.is_withdrawn:
            return min(last, before) if is_known else before
        return last if is_known else before

    @property
    def _waits(self) -> bool:
        """Whether nothing was billed from it yet. A line that is withdrawn counts as invoiced all the same."""
        return not self.reason.is_withdrawn and self.written.waits_for_invoice(self.terms)

    def _ending(self) -> AdditionValues:
        start = self.found.values.effective_date or self.written.wanted_effective_date
        last = self._last_charged
        opens = None if self._waits else self.ground.next_invoice
        return end_billing(self.found, start - ONE_DAY if last is None else last, opens)

    def _will_bill(self) -> Decimal | None:
        if self.terms is None:
            return None
        uncharged = Uncharged(self.terms, self._last_charged, self._horizon(), is_late=self._waits)
        return uncharged.bill(self.found.values, self.written.currency, self.written.wanted_effective_date)

    def _horizon(self) -> date:
        """Up to where billing periods are looked at: those of the plan, and of the line that stood behind it."""
        days = [self.inquiry.last_day]
        if self.reason.is_withdrawn:
            days += [day for day in (self.found.values.cancelled_date, self.written.charged_through) if day]
        if self.reason.elsewhere is not None and self.reason.elsewhere.bills_through is not None:
            days.append(self.reason.elsewhere.bills_through)
        return max(days)

    def _close(self, ending: AdditionValues, bills: Decimal | None) -> PlannedOperation:
        return self._operation(OperationKind.CLOSE, ending, bills, [say_end(self.found.values, ending)])

    def _ask(self, cause: UndecidedCause, ending: AdditionValues, bills: Decimal | None) -> PlannedOperation:
        chosen = self._choose(cause)
        question = Question(cause, ending, chosen)
        said = [] if chosen is None else [_say_choice(chosen)]
        if chosen is not None and chosen.choice is DecisionChoice.END:
            said.append(say_end(self.found.values, ending))
            return self._operation(OperationKind.CLOSE, ending, bills, said, question)
        return self._operation(OperationKind.UNDECIDED, self.found.values, bills, said, question)

    def _choose(self, cause: UndecidedCause) -> Choice | None:
        """A person's decision counts before a rule; a decision to end was about the charges of its day alone."""
        decided = self.inquiry.decisions.get(self.written.marker)
        if decided is not None:
            choice, until = decided.choice.choice, decided.choice.until
            if choice is DecisionChoice.KEEP and (until is None or self.inquiry.today <= until):
                return decided.choice
            if choice is DecisionChoice.END and decided.charged_through == self.written.charged_through:
                return decided.choice
        rule = self.inquiry.rules.get(cause, DecisionChoice.ASK)
        if rule in (DecisionChoice.END, DecisionChoice.KEEP):
            return Choice(rule, f"Rule for additions whose charge is {cause.value}", RULES)
        return None

    def _operation(
        self,
        kind: OperationKind,
        after: AdditionValues,
        bills: Decimal | None,
        said: list[str],
        question: Question | None = None,
    ) -> PlannedOperation:
        return PlannedOperation(
            kind,
            self.written.agreement_id,
            self.written.marker,
            None,
            self.found.id,
            self.found.values,
            after,
            [self.reason.explanation, *self._say_money(bills), *said],
            see_drift(self.found.values, self.written, self.ground),
            will_bill=bills,
            question=question,
        )

    def _say_money(self, bills: Decimal | None) -> list[str]:
        if bills is None:
            return ["Nobody knows what it will bill without a charge."]
        return [f"Without a charge it will bill {bills:f} {self.written.currency}."] if bills else []

    def _expect(self, bills: Decimal | None) -> ExpectedAddition:
        names = self.written.names
        return ExpectedAddition(
            marker=self.written.marker,
            addition_id=self.found.id,
            organization_id=self.written.organization_id,
            organization=names.get("organization", ""),
            agreement_id=self.written.agreement_id,
            agreement=names.get("agreement", ""),
            product=names.get("product", ""),
            subscription_id=self.written.subscription_id,
            subscription=names.get("subscription", ""),
            currency=self.written.currency,
            amount=bills,
            reason=self.reason.explanation,
        )


def _say_choice(chosen: Choice) -> str:
    until = f" until {chosen.until}" if chosen.until else ""
    verb = "ends it" if chosen.choice is DecisionChoice.END else f"keeps it{until}"
    return f"{chosen.decided_by} {verb}: {chosen.reason}" if chosen.reason else f"{chosen.decided_by} {verb}."
