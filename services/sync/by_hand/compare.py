"""Which addition made by hand before go-live bills a charge already. Pure: charges and additions in, findings out.

Nothing is guessed. A charge whose billing period is invoiced is billed by hand where as many additions billed its
product and amount in that period as there are such charges. A charge still to come takes over the one addition that
equals it. Whatever else people have made of the same product is asked about.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.contracts.invoicing.bills import bill_period
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod
from services.contracts.money import as_text, show_money
from services.contracts.shapes import FirstCharge
from services.contracts.vocabulary import BillOption, ByHand
from services.sync.psas.addition import Addition


@dataclass(frozen=True, slots=True)
class HandCharge:
    """A charge that an addition made by hand may bill. Without a marker it is held, or goes out once."""

    line_id: UUID
    subscription_id: str
    subscription: str
    currency: str
    first: FirstCharge
    marker: str = ""


@dataclass(frozen=True, slots=True)
class HandDecision:
    """What was found or decided before about one line, of the amount that it charged then."""

    line_id: UUID
    subscription_id: str
    choice: ByHand
    addition_id: str
    charged: Decimal
    words: str
    decided_by: str = ""
    """Empty where a plan found it."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An addition made by hand beside a charge."""

    addition: Addition
    bills: Decimal
    """In the billing period of the charge."""
    reason: str


@dataclass(frozen=True, slots=True)
class HandFinding:
    """What is known of one charge. Without a state nothing made by hand may bill it."""

    charge: HandCharge
    is_invoiced: bool
    state: ByHand | None = None
    candidates: tuple[Candidate, ...] = ()
    words: str = ""
    decision: HandDecision | None = None
    """Where it follows from an earlier one."""

    @property
    def addition(self) -> Addition | None:
        """The one that bills it, or that it takes over."""
        return self.candidates[0].addition if self.state in (ByHand.BILLED, ByHand.ADOPT) and self.candidates else None


@dataclass(frozen=True, slots=True)
class HandMade:
    """The additions of one agreement that people made, with what its invoicing makes of them.

    Args:
        additions: without a serial number, and never written by us; those that have ended included.
        decisions: what was found or decided before about lines of this agreement.
    """

    additions: Sequence[Addition]
    terms: AgreementTerms
    decisions: Sequence[HandDecision]


Key = tuple[str, Decimal, str, date]
"""Product, amount, currency, first day of the billing period."""


def compare_by_hand(charges: Sequence[HandCharge], made: HandMade) -> list[HandFinding]:
    """One finding for each charge, in their order."""
    work = _Comparison(made)
    for charge in charges:
        work.recall(charge)
    work.pair_invoiced([each for each in charges if each.line_id not in work.found])
    work.pair_coming([each for each in charges if each.line_id not in work.found])
    for charge in charges:
        if charge.line_id not in work.found:
            work.ask(charge)
    return [work.found[each.line_id] for each in charges]


@dataclass(slots=True)
class _Comparison:
    made: HandMade
    found: dict[UUID, HandFinding] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """Additions that stand for a charge by now."""

    def recall(self, charge: HandCharge) -> None:
        """What was said of this line, or of its subscription, holds before anything is compared."""
        own = self._decision_of(charge)
        if own is not None and own.choice is ByHand.BILL:
            self._note(charge, ByHand.BILL, (), own.words, own)
        elif own is not None and own.choice is ByHand.BILLED:
            self._recall_billed(charge, own)
        elif (known := self._addition_of(charge)) is not None:
            self._recall_addition(charge, known, own)
        elif own is None and self._is_refused(charge):
            self._note(charge, ByHand.BILL, (), "An addition made by hand was said not to be of this subscription.")

    def pair_invoiced(self, charges: Sequence[HandCharge]) -> None:
        """As many additions as charges that billed the same in an invoiced period: they are billed."""
        alike: dict[Key, list[HandCharge]] = defaultdict(list)
        for each in charges:
            if self._is_invoiced(each):
                first = each.first
                alike[first.product_id, first.amount, each.currency, first.bills_from].append(each)
        for of_key in alike.values():
            for charge, candidate in self._pair(of_key):
                words = f"{_spell(candidate.bills, charge.currency)} was billed by {_name(candidate.addition)}."
                self._note(charge, ByHand.BILLED, (candidate,), words)

    def pair_coming(self, charges: Sequence[HandCharge]) -> None:
        """Of what is not invoiced yet, one charge takes over the one addition that equals it."""
        alike: dict[tuple[str, Decimal, Decimal], list[HandCharge]] = defaultdict(list)
        for each in charges:
            if each.marker and not self._is_invoiced(each):
                alike[each.first.product_id, each.first.quantity, each.first.unit_price].append(each)
        for of_values in alike.values():
            open_ones = [each for each in self._candidates(of_values[0]) if _is_equal(each.addition, of_values[0])]
            open_ones = [each for each in open_ones if each.addition.values.is_open]
            chosen = _match(of_values, open_ones)
            for charge, candidate in chosen:
                words = f"{_name(candidate.addition)} has the same product, quantity and price."
                self._note(charge, ByHand.ADOPT, (candidate,), words)

    def ask(self, charge: HandCharge) -> None:
        """Whatever else people made of the product, and bills the same period."""
        candidates = [each for each in self._candidates(charge) if self._may_bill(charge, each)]
        if not candidates:
            self.found[charge.line_id] = HandFinding(charge, self._is_invoiced(charge))
            return
        explained = tuple(
            Candidate(each.addition, each.bills, _explain(charge, each, len(candidates))) for each in candidates
        )
        self._note(
            charge, ByHand.ASK, explained, _say_question(charge, explained, is_invoiced=self._is_invoiced(charge))
        )

    def _recall_billed(self, charge: HandCharge, own: HandDecision) -> None:
        named = [each for each in self.made.additions if each.id == own.addition_id]
        candidates = tuple(self._weigh(charge, each) for each in named)
        if own.charged == charge.first.amount:
            self._note(charge, ByHand.BILLED, candidates, own.words, own)
            return
        was, now = _spell(own.charged, charge.currency), _spell(charge.first.amount, charge.currency)
        words = f"{was} was billed by hand; AppXite charges {now} now. {_REMEDY_INVOICED}"
        self._note(charge, ByHand.ASK, candidates, words, own)

    def _recall_addition(self, charge: HandCharge, known: Addition, own: HandDecision | None) -> None:
        candidate = self._weigh(charge, known)
        if self._is_invoiced(charge):
            if candidate.bills == charge.first.amount:
                words = f"{_spell(candidate.bills, charge.currency)} was billed by {_name(known)}."
                self._note(charge, ByHand.BILLED, (candidate,), words, own)
            return
        if not charge.marker or not known.values.is_open:
            return
        waiting = self._find_waiting_day(charge, known)
        if waiting is None:
            words = f"{_name(known)} has billed this subscription before, and becomes ours."
            self._note(charge, ByHand.ADOPT, (candidate,), words, own)
            return
        words = (
            f"{_name(known)} still bills the period from {waiting}, which is not invoiced yet and would be billed with "
            "the new values. Plan again once it is invoiced."
        )
        self._note(charge, ByHand.ASK, (Candidate(known, candidate.bills, words),), words, own)

    def _find_waiting_day(self, charge: HandCharge, known: Addition) -> date | None:
        """The first day of an older period, not invoiced yet, that other values would reach; None where none is."""
        facts, values = self.made.terms.facts, known.values
        if _is_equal(known, charge) and values.bill_option == BillOption.BILLABLE.value:
            return None
        first_open = max(facts.next_invoice_date or facts.billing_start, values.effective_date or facts.billing_start)
        return first_open if first_open < charge.first.bills_from else None

    def _pair(self, charges: Sequence[HandCharge]) -> list[tuple[HandCharge, Candidate]]:
        amount = charges[0].first.amount
        billed = [each for each in self._candidates(charges[0]) if each.bills == amount and amount]
        exact = [each for each in billed if _is_equal(each.addition, charges[0])]
        return _match(charges, exact) or _match(charges, billed)

    def _candidates(self, charge: HandCharge) -> list[Candidate]:
        """Free additions of its product that bill its billing period, or go on billing after a coming one."""
        return [
            self._weigh(charge, each)
            for each in self.made.additions
            if each.id not in self.taken and not self._is_anothers(each, charge)
            if each.values.product_id == charge.first.product_id
            if self._touches(charge, each) or (_starts_later(charge, each) and not self._is_invoiced(charge))
        ]

    def _touches(self, charge: HandCharge, addition: Addition) -> bool:
        return addition.values.as_billed(charge.currency, charge.first.bills_from).touches(_period_of(charge))

    def _weigh(self, charge: HandCharge, addition: Addition) -> Candidate:
        billed = addition.values.as_billed(charge.currency, charge.first.bills_from)
        period = self.made.terms.period_of(charge.first.bills_from) or _period_of(charge)
        return Candidate(addition, bill_period(billed, self.made.terms, period), "")

    def _may_bill(self, charge: HandCharge, candidate: Candidate) -> bool:
        """What bills nothing in a coming period duplicates nothing; in an invoiced one it may have been meant so."""
        is_meant = self._is_invoiced(charge) or _starts_later(charge, candidate.addition)
        return candidate.bills != ZERO or is_meant

    def _is_invoiced(self, charge: HandCharge) -> bool:
        return self.made.terms.is_invoiced(charge.first.bills_from)

    def _decision_of(self, charge: HandCharge) -> HandDecision | None:
        """What was found or decided of this line; an open question is no decision."""
        of_line = (each for each in self.made.decisions if each.line_id == charge.line_id)
        return next((each for each in of_line if each.choice is not ByHand.ASK), None)

    def _addition_of(self, charge: HandCharge) -> Addition | None:
        """The one that was said, or found, to bill this line or its subscription before."""
        ids = {
            each.addition_id
            for each in self.made.decisions
            if each.choice in (ByHand.BILLED, ByHand.ADOPT) and each.addition_id
            if each.line_id == charge.line_id or each.subscription_id == charge.subscription_id
        }
        known = [each for each in self.made.additions if each.id in ids and each.id not in self.taken]
        return known[0] if len(known) == 1 else None

    def _is_refused(self, charge: HandCharge) -> bool:
        return any(
            each.choice is ByHand.BILL and each.subscription_id == charge.subscription_id
            for each in self.made.decisions
        )

    def _is_anothers(self, addition: Addition, charge: HandCharge) -> bool:
        return any(
            each.addition_id == addition.id and each.subscription_id != charge.subscription_id
            for each in self.made.decisions
            if each.choice in (ByHand.BILLED, ByHand.ADOPT)
        )

    def _note(
        self,
        charge: HandCharge,
        state: ByHand,
        candidates: tuple[Candidate, ...],
        words: str,
        decision: HandDecision | None = None,
    ) -> None:
        finding = HandFinding(charge, self._is_invoiced(charge), state, candidates, words, decision)
        self.found[charge.line_id] = finding
        if finding.addition is not None:
            self.taken.add(finding.addition.id)


def list_untouched(made: Iterable[Addition], findings: Iterable[HandFinding], day: date) -> list[Addition]:
    """Additions made by hand that still bill on a day and stand beside no charge: they are only shown."""
    seen = {each.addition.id for finding in findings for each in finding.candidates}
    return [
        each
        for each in made
        if each.id not in seen and each.values.bill_option == BillOption.BILLABLE.value
        if each.values.cancelled_date is None or each.values.cancelled_date >= day
    ]


def _match(charges: Sequence[HandCharge], candidates: Sequence[Candidate]) -> list[tuple[HandCharge, Candidate]]:
    """Pairs, only where there are as many as charges; the description says which one where it can.

    Several that are equal bill the same whichever is whose.
    """
    left, pairs = list(candidates), []
    if len(left) > len(charges):
        left = [each for each in left if any(_is_described(each.addition, charge) for charge in charges)]
    if len(left) != len(charges):
        return []
    for charge in charges:
        described = [each for each in left if _is_described(each.addition, charge)]
        chosen = described[0] if described else left[0]
        left.remove(chosen)
        pairs.append((charge, chosen))
    return pairs


def _is_described(addition: Addition, charge: HandCharge) -> bool:
    text = addition.values.invoice_description.casefold()
    return bool(text) and (
        text == charge.first.description.casefold()
        or (bool(charge.subscription) and charge.subscription.casefold() in text)
    )


def _starts_later(charge: HandCharge, addition: Addition) -> bool:
    values = addition.values
    is_later = values.effective_date is not None and values.effective_date > charge.first.bills_through
    return is_later and values.bill_option == BillOption.BILLABLE.value


def _is_equal(addition: Addition, charge: HandCharge) -> bool:
    values, first = addition.values, charge.first
    asked = (first.product_id, first.quantity, first.unit_price)
    return (values.product_id, values.quantity, values.unit_price) == asked


def _period_of(charge: HandCharge) -> BillingPeriod:
    first, last = charge.first.bills_from, charge.first.bills_through
    return BillingPeriod(first, last, (last - first).days + 1)


_REMEDY_INVOICED = "Say whether it is billed already, or bill it anyway."
_REMEDY_COMING = "Adopt the addition, bill the charge beside it, or say that it is billed already."


def _explain(charge: HandCharge, candidate: Candidate, count: int) -> str:
    values = candidate.addition.values
    if values.bill_option != BillOption.BILLABLE.value:
        return f"it is set to {values.bill_option}, so it bills nothing"
    if _starts_later(charge, candidate.addition):
        return f"it begins later, on {values.effective_date}, with other values"
    if candidate.bills != charge.first.amount:
        bills, charged = (_spell(each, charge.currency) for each in (candidate.bills, charge.first.amount))
        return f"the amount differs: it bills {bills}, and AppXite charges {charged}"
    if count > 1:
        return "several match"
    return "several charges match it" if _is_equal(candidate.addition, charge) else "quantity and price differ"


def _say_question(charge: HandCharge, candidates: Collection[Candidate], *, is_invoiced: bool) -> str:
    named = "; ".join(f"{_name(each.addition)}: {each.reason}" for each in candidates)
    verb = "may have billed" if is_invoiced else "may bill"
    remedy = _REMEDY_INVOICED if is_invoiced else _REMEDY_COMING
    asked = f"An addition made by hand {verb} this charge of {_spell(charge.first.amount, charge.currency)}."
    return f"{asked} {named[0].upper()}{named[1:]}. {remedy}"


def _name(addition: Addition) -> str:
    values = addition.values
    since = f" since {values.effective_date}" if values.effective_date else ""
    return f"addition {addition.id}, made by hand ({as_text(values.quantity)} × {as_text(values.unit_price)}{since})"


def _spell(amount: Decimal, currency: str) -> str:
    return f"{as_text(show_money(amount, currency))} {currency}"
