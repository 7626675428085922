"""What people billed by hand, taken out of a plan: such charges are not sent, and doubtful ones are held. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import DesiredAddition, FirstCharge, HandBilled, Tally, UnsentLine
from services.contracts.vocabulary import ByHand, HoldReason, LineStatus
from services.sync.by_hand.compare import (
    Candidate,
    HandCharge,
    HandDecision,
    HandFinding,
    HandMade,
    compare_by_hand,
    list_untouched,
)
from services.sync.plans.basis import Basis
from services.sync.plans.operation import Ground
from services.sync.plans.schemas import ByHandEntry, ByHandSummary, HandMadeAddition
from services.sync.psas.addition import Addition


@dataclass(slots=True)
class ByHandFindings:
    """What was found over all agreements of a plan."""

    entries: list[ByHandEntry] = field(default_factory=list)
    unsent: list[UnsentLine] = field(default_factory=list)
    """Lines that stay behind because of it, or for another reason than billing knew."""
    dropped: set[UUID] = field(default_factory=set)
    """Lines of desired additions that are not wanted."""
    noted: list[HandBilled] = field(default_factory=list)
    """What billing does not know yet."""
    decisions: list[tuple[str, HandDecision]] = field(default_factory=list)
    """To be remembered, each with its agreement."""
    forgotten: list[UUID] = field(default_factory=list)
    """Lines about which a question is open no more."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One agreement after the comparison."""

    desired: list[DesiredAddition]
    adoptions: Mapping[str, Addition]
    reserved: frozenset[str]


@dataclass(frozen=True, slots=True)
class FirstLines:
    """Lines of one agreement that an addition made by hand may bill.

    Args:
        shows_all: in a plan of a whole month, what people made is shown even where no charge stands beside it.
        first_day: of the plan's period.
    """

    desired: Sequence[DesiredAddition]
    unsent: Sequence[UnsentLine]
    decisions: Sequence[HandDecision]
    shows_all: bool
    first_day: date


def settle_by_hand(lines: FirstLines, ground: Ground, terms: AgreementTerms | None, found: ByHandFindings) -> Compared:
    """Compare one agreement, add what was found, and answer with what is still wanted."""
    if terms is None or ground.state.trouble:
        return Compared(list(lines.desired), {}, frozenset())
    fresh = [each for each in lines.desired if each.first_charge and not ground.find_carriers(each.marker)]
    sources: dict[UUID, DesiredAddition | UnsentLine] = {each.line_id: each for each in fresh}
    sources |= {each.line_id: each for each in lines.unsent if each.first_charge}
    charges = [charge for each in sources.values() if (charge := _as_charge(each)) is not None]
    made = HandMade(ground.list_unmarked(), terms, lines.decisions)
    findings = compare_by_hand(charges, made)
    known = {each.line_id: each for each in lines.decisions}
    for finding in findings:
        _add(found, finding, sources[finding.charge.line_id], known.get(finding.charge.line_id))
    if lines.shows_all:
        _add_untouched(found, lines, list_untouched(ground.list_hand_made(), findings, lines.first_day), terms)
    # What goes out once although it recurs has a marker of its own, and takes nothing over.
    adoptions = {each.charge.marker: each.addition for each in findings if each.state is ByHand.ADOPT and each.addition}
    reserved = {candidate.addition.id for each in findings for candidate in each.candidates}
    reserved |= {each.addition_id for each in lines.decisions if each.addition_id}
    kept = [each for each in lines.desired if each.line_id not in found.dropped]
    return Compared(kept, adoptions, frozenset(reserved))


def without_by_hand(basis: Basis, found: ByHandFindings) -> Basis:
    """What is left of a plan: charges that are billed by hand, or asked about, stay behind."""
    changed = {each.line_id: each for each in found.unsent}
    unsent = [changed.pop(each.line_id, each) for each in basis.unsent]
    desired = [each for each in basis.desired if each.line_id not in found.dropped]
    return replace(basis, desired=desired, unsent=[*unsent, *changed.values()])


def summarize(entries: Iterable[ByHandEntry], unsent: Iterable[UnsentLine]) -> ByHandSummary:
    """The counts and the money of a plan."""
    entries = list(entries)

    def tally(state: ByHand) -> Tally:
        return Tally.of((each.currency, each.amount or Decimal(0)) for each in entries if each.state is state)

    before = Tally.of((each.currency, each.amount) for each in unsent if each.status is LineStatus.BILLED_BEFORE)
    untouched = [each for each in entries if each.state is None]
    return ByHandSummary(
        billed_before=before,
        asked=tally(ByHand.ASK),
        adopted=tally(ByHand.ADOPT),
        untouched=Tally.of((each.currency, each.additions[0].bills) for each in untouched if each.additions),
    )


def _as_charge(line: DesiredAddition | UnsentLine) -> HandCharge | None:
    if line.first_charge is None:
        return None
    marker = line.marker if isinstance(line, DesiredAddition) and line.is_recurring else ""
    return HandCharge(line.line_id, line.subscription_id, line.subscription, line.currency, line.first_charge, marker)


def _add(
    found: ByHandFindings, finding: HandFinding, line: DesiredAddition | UnsentLine, known: HandDecision | None
) -> None:
    state = finding.state
    if state in (ByHand.BILLED, ByHand.ASK):
        found.unsent.append(_leave(line, finding))
        found.dropped.add(line.line_id)
    if state is not None:
        found.entries.append(_as_entry(finding, line))
    _note(found, finding, line, known)


def _note(
    found: ByHandFindings, finding: HandFinding, line: DesiredAddition | UnsentLine, known: HandDecision | None
) -> None:
    """What billing does not know yet. What was decided before stands, and was published then."""
    state, follows = finding.state, finding.decision is not None
    if state not in (ByHand.BILLED, ByHand.ASK):
        if known is not None and known.choice is ByHand.ASK:
            found.forgotten.append(line.line_id)
            found.noted.append(_as_noted(finding, line, None))
        return
    if follows and state is ByHand.BILLED:
        return
    addition_id, charged = finding.addition.id if finding.addition else "", finding.charge.first.amount
    news = HandDecision(line.line_id, line.subscription_id, state, addition_id, charged, finding.words)
    if news == known:
        return
    if not follows:  # a question about a changed amount leaves what was decided of the former one
        found.decisions.append((finding.charge.first.agreement_id, news))
    found.noted.append(_as_noted(finding, line, state))


def _as_noted(finding: HandFinding, line: DesiredAddition | UnsentLine, state: ByHand | None) -> HandBilled:
    return HandBilled(
        line_id=line.line_id,
        state=state,
        charged=finding.charge.first.amount,
        addition_id=finding.addition.id if finding.addition else "",
        words=finding.words,
        organization=line.organization,
        currency=line.currency,
    )


def _leave(line: DesiredAddition | UnsentLine, finding: HandFinding) -> UnsentLine:
    is_billed = finding.state is ByHand.BILLED
    reasons = [] if isinstance(line, DesiredAddition) or is_billed else list(line.reasons)
    changes = {
        "status": LineStatus.BILLED_BEFORE if is_billed else LineStatus.HELD,
        "reasons": reasons if is_billed else [*reasons, HoldReason.MAYBE_BILLED_BY_HAND],
        "billed_by": finding.words,
        "is_recurring": line.is_recurring and not is_billed,
        "first_charge": None,
    }
    if isinstance(line, UnsentLine):
        return line.model_copy(update=changes)
    first = finding.charge.first
    left = UnsentLine(
        line_id=line.line_id,
        invoice_id=line.invoice_id,
        row_id=line.row_id,
        organization_id=line.organization_id,
        organization=line.organization,
        currency=line.currency,
        amount=line.amount,
        status=LineStatus.HELD,
        reasons=[],
        invoice_number=first.invoice_number,
        product=first.offer,
        subscription_id=line.subscription_id,
        subscription=line.subscription,
        sent_marker=line.replaces,
    )
    return left.model_copy(update=changes)


def _as_entry(finding: HandFinding, line: DesiredAddition | UnsentLine) -> ByHandEntry:
    first, decision = finding.charge.first, finding.decision
    return ByHandEntry(
        line_id=line.line_id,
        organization=line.organization,
        organization_id=line.organization_id,
        agreement=first.agreement,
        agreement_id=first.agreement_id,
        subscription=line.subscription,
        subscription_id=line.subscription_id,
        product=first.product,
        product_id=first.product_id,
        invoice_number=first.invoice_number,
        currency=line.currency,
        amount=line.amount,
        bills_from=first.bills_from,
        bills_through=first.bills_through,
        is_invoiced=finding.is_invoiced,
        state=finding.state,
        words=finding.words,
        additions=[_show(each, first) for each in finding.candidates],
        choices=_list_choices(finding),
        decided_by=decision.decided_by if decision else "",
        reason=decision.reason if decision else "",
    )


def _list_choices(finding: HandFinding) -> list[ByHand]:
    """What a person may say: an invoiced charge cannot be adopted any more, its addition is by the next one."""
    can_adopt = bool(finding.charge.marker) and not finding.is_invoiced and bool(finding.candidates)
    return [*([ByHand.ADOPT] if can_adopt else []), ByHand.BILLED, ByHand.BILL]


def _show(candidate: Candidate, first: FirstCharge) -> HandMadeAddition:
    return _show_addition(candidate.addition, first.product, candidate.bills, candidate.reason)


def _show_addition(addition: Addition, product: str, bills: Decimal, reason: str) -> HandMadeAddition:
    values = addition.values
    return HandMadeAddition(
        addition_id=addition.id,
        product=product,
        description=values.invoice_description,
        quantity=values.quantity,
        unit_price=values.unit_price,
        bill_option=values.bill_option,
        since=values.effective_date,
        until=values.cancelled_date,
        bills=bills,
        reason=reason,
    )


def _add_untouched(
    found: ByHandFindings, lines: FirstLines, untouched: Sequence[Addition], terms: AgreementTerms
) -> None:
    """Only shown: nobody knows whose they are."""
    known = [*(each.currency for each in lines.desired), *(each.currency for each in lines.unsent)]
    currency = terms.facts.currency or next(iter(known), "")
    for each in untouched:
        values = each.values
        found.entries.append(
            ByHandEntry(
                line_id=None,
                agreement=terms.facts.name,
                agreement_id=terms.facts.agreement_id,
                product=values.product_id,
                currency=currency,
                state=None,
                words=_say_untouched(each, lines.decisions),
                additions=[
                    _show_addition(each, values.invoice_description or values.product_id, values.total(currency), "")
                ],
            )
        )


def _say_untouched(addition: Addition, decisions: Sequence[HandDecision]) -> str:
    if any(each.addition_id == addition.id for each in decisions):
        return "It has billed a charge of AppXite before, and no charge of the month stands beside it. It bills on."
    return "No charge of the month stands beside it. It is left as it is."
