"""What the PSA has invoiced stays as it was invoiced; a later change of the row is the difference to it, and no more.

Agreement, role and dates of an invoiced line are those it was sent with, whatever rules, mappings or people say
now. Moved or priced anew, its addition would bill the whole charge a second time. A quantity or a unit price that a
person gives it afterwards is a change like one of its row: the difference goes out as a true-up.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.billing.rules.agreements import ACTIVE
from services.billing.rules.book import RateBook
from services.billing.rules.descriptions import describe_line
from services.billing.rules.dropping import WORDS as DROPPED_WORDS
from services.billing.rules.line import DateValue, Line, Rated, TrueUp
from services.billing.rules.model import WhenChanged
from services.billing.rules.open_period import find_open_period
from services.billing.rules.pricing import Priced, price_as_sent, price_line
from services.billing.rules.readiness import judge
from services.contracts.charge_types import parse_charge_type
from services.contracts.invoicing.amounts import represent, round_total
from services.contracts.invoicing.exact import EXACT, ONE, ZERO
from services.contracts.invoicing.periods import END_OF_TIME, AgreementTerms
from services.contracts.money import as_text, show_money
from services.contracts.vocabulary import BillOption, DropRule, HoldReason, LineStatus, Provenance

AS_SENT = "as it was sent: it is invoiced"
NOTHING_OPEN = "its agreement has no billing period that a true-up could go into"


def is_invoiced(line: Line, book: RateBook) -> bool:
    """Whether the PSA has invoiced what was sent for a line."""
    if line.sent_amount is None or line.sent_fingerprint is None:
        return False
    return was_invoiced(line.sent_agreement_id, line.sent_from, book)


def was_invoiced(agreement_id: str | None, first_day: date | None, book: RateBook) -> bool:
    """Whether the PSA has invoiced a billing period of an agreement, as far as its next invoice date says."""
    terms = book.terms.get(agreement_id or "")
    return terms is not None and first_day is not None and terms.is_invoiced(first_day)


def price_in_force(line: Line, book: RateBook) -> Priced:
    """What is billed for a line, invoiced or not."""
    return price_as_sent(line, book) if is_invoiced(line, book) else price_line(line, book)


def find_price_of_one(line: Line, book: RateBook) -> Decimal | None:
    """What is billed for one unit of a line, so that its quantity comes to the total; None where nobody knows it."""
    priced = price_in_force(line, book)
    if priced.trouble or not priced.quantity or not priced.total:
        return None
    return EXACT.divide(priced.total, abs(priced.quantity))


@dataclass(frozen=True, slots=True)
class Balance:
    """What is to be billed for an invoiced line now, beside what was invoiced for it."""

    priced: Decimal
    billed: Decimal
    """The original amount, and every true-up that was invoiced since."""
    open_true_up: TrueUp | None
    """The true-up that was sent and is not invoiced yet."""
    trouble: HoldReason | None = None
    """Why the rules that it was sent with cannot price it as it is now."""
    dropped: Decimal = ZERO
    """The part of the marketplace's charge that a rule drops: a credit that was not passed on before."""

    @property
    def due(self) -> Decimal:
        return self.priced - self.billed

    @property
    def sent(self) -> Decimal:
        """What the open true-up carries."""
        return self.open_true_up.amount if self.open_true_up else ZERO


def find_open_true_up(line: Line, book: RateBook) -> TrueUp | None:
    """The newest true-up, where it can still change. Only one is open at a time: any earlier one was invoiced."""
    newest = line.true_ups[-1] if line.true_ups else None
    if newest is None or newest.is_withdrawn or was_invoiced(newest.agreement_id, newest.bills_from, book):
        return None
    return newest


def weigh(line: Line, book: RateBook) -> Balance:
    """A row that is no longer on its invoice charges nothing."""
    priced = price_as_sent(line, book)
    balance = weigh_against(ZERO if line.is_vanished else _round_part(priced.total, line), line, book)
    balance = replace(balance, trouble=None if line.is_vanished else priced.trouble)
    return _drop(balance, line) if book.dropping.choose(line) is DropRule.FAVOURABLE_PRORATIONS else balance


def _drop(balance: Balance, line: Line) -> Balance:
    """A charge was invoiced, and is a credit by now: the charge is taken back, and the credit stays behind.

    So does what makes a credit larger that was passed on as a true-up before.
    """
    target = max(balance.priced, min(balance.billed, ZERO))
    if target == balance.priced:
        return balance
    return replace(balance, priced=target, dropped=balance.priced - target if target else line.total)


def weigh_against(priced: Decimal, line: Line, book: RateBook) -> Balance:
    """What is to be billed now beside what was invoiced."""
    open_true_up = find_open_true_up(line, book)
    settled = [each.amount for each in line.true_ups if each is not open_true_up and not each.is_withdrawn]
    return Balance(priced, sum(settled, line.sent_amount or ZERO), open_true_up)


def _round_part(total: Decimal, line: Line) -> Decimal:
    """A line that shares its addition with others is a part of a sum, and only the sum is rounded."""
    return total if line.sent_gathered else round_total(total, line.currency)


def find_true_up_days(balance: Balance, terms: AgreementTerms) -> tuple[date, date] | None:
    """The period of a true-up: that of the open one, else the first whole one not invoiced; None without one."""
    sent = balance.open_true_up
    if sent and sent.bills_from and sent.bills_through:
        return sent.bills_from, sent.bills_through
    period = find_open_period(terms) if terms.facts.next_invoice_date else None
    return None if period is None or period.end == END_OF_TIME else (period.start, period.end)


def rate_invoiced(line: Line, book: RateBook) -> Rated:
    """What follows from the rules for a line that is invoiced: nothing but the difference may go out."""
    terms = book.terms[line.sent_agreement_id or ""]
    charge_type, balance = parse_charge_type(line.charge_type), weigh(line, book)
    policy = book.policy_of(line)
    priced = price_as_sent(line, book)
    rounded = round_total(priced.total, line.currency)
    amount = represent(priced.quantity, priced.unit_price, rounded, line.currency, book.kept_in(line.currency, terms))
    status, reasons = judge(
        _find_holds(line, balance, terms, book),
        is_sendable=line.is_sendable,
        is_excluded=line.is_excluded or book.mapping_of(line).is_excluded,
        is_sent=balance.due == balance.sent,
    )
    return Rated(
        status=status,
        hold_reasons=reasons,
        charge_type=charge_type,
        is_recurring=bool(line.sent_recurring),
        company_id=terms.facts.company_id,
        agreement_id=terms.facts.agreement_id,
        product_id=book.product_of(line),
        start=_keep_start(line),
        end=_keep_end(line),
        quantity=amount.quantity if amount else None,
        unit_price=amount.unit_price if amount else None,
        amount=rounded,
        remainder=priced.total - rounded,
        is_gathered=line.sent_gathered,
        unit_cost=None,
        price_terms=line.sent_price_terms,
        description=describe_line(line, policy, amount, book, priced),
        bill_option=policy.bill_option,
        taxable=policy.taxable,
        forecast=_forecast(balance, policy.bill_option, status),
        explanation=(*_explain(line, balance, terms, status), *priced.words),
        warnings=(),
        fingerprint=line.sent_fingerprint,
        dropped_by=DropRule.FAVOURABLE_PRORATIONS if balance.dropped else None,
    )


def _find_holds(line: Line, balance: Balance, terms: AgreementTerms, book: RateBook) -> set[HoldReason]:
    reasons = {HoldReason.PUSH_FAILED} if line.push_failed else set()
    if balance.trouble:
        reasons.add(balance.trouble)
    if not balance.due or balance.due == balance.sent:
        return reasons
    if book.rules.when_changed_after_invoicing is WhenChanged.HOLD:
        reasons.add(HoldReason.CHANGED_AFTER_INVOICING)
    if book.product_of(line) is None:
        reasons.add(HoldReason.PRODUCT_UNMAPPED)
    due = round_total(balance.due, line.currency)
    if represent(ONE, due, due, line.currency, book.kept_in(line.currency)) is None:
        reasons.add(HoldReason.AMOUNT_NOT_REPRESENTABLE)
    days, last_day = find_true_up_days(balance, terms), terms.facts.end_date
    if terms.facts.status.casefold() != ACTIVE or (days and last_day and days[0] > last_day):
        reasons.add(HoldReason.AGREEMENT_NOT_ACTIVE)
    elif days is None:
        reasons.add(HoldReason.CHANGED_AFTER_INVOICING)
    return reasons


def _keep_start(line: Line) -> DateValue:
    return _keep(line.sent_start or line.sent_from, line.charge_start, line.user_start)


def _keep_end(line: Line) -> DateValue:
    # Without a start, the line was edited while it was sent, and only its billing periods are known.
    once = not line.sent_recurring and line.sent_start is None
    return _keep(line.sent_through if once else line.sent_end, line.charge_end, line.user_end)


def _keep(value: date | None, source: date | None, user: date | None) -> DateValue:
    if user is not None and value == user:
        provenance = Provenance.USER
    else:
        provenance = Provenance.SOURCE if value == source else Provenance.SYSTEM
    return DateValue(value, provenance, AS_SENT, source, value, user)


def _forecast(balance: Balance, option: BillOption, status: LineStatus) -> Decimal:
    if option is not BillOption.BILLABLE:
        return ZERO
    if status is LineStatus.EXCLUDED:
        return balance.billed
    return balance.priced if status in (LineStatus.READY, LineStatus.SENT) else balance.billed + balance.sent


def _explain(line: Line, balance: Balance, terms: AgreementTerms, status: LineStatus) -> list[str]:
    told = _explain_difference(line, balance, terms, status)
    if not balance.dropped:
        return told
    return [*told, f"{_spell(balance.dropped, line.currency)} {DROPPED_WORDS[DropRule.FAVOURABLE_PRORATIONS]}"]


def _explain_difference(line: Line, balance: Balance, terms: AgreementTerms, status: LineStatus) -> list[str]:
    billed, due, sent = (_spell(each, line.currency) for each in (balance.billed, balance.due, balance.sent))
    gone = " although its row is no longer on the invoice" if line.is_vanished else ""
    words = f"{billed} was invoiced{gone}"
    if not balance.due:
        taken_back = f"; the true-up of {sent}, which is not invoiced yet, is withdrawn" if balance.sent else ""
        return [f"{words}; agreement and dates stay as they were sent{taken_back}"]
    if status is LineStatus.EXCLUDED:
        return [f"{words}; the line is excluded, so that the difference of {due} does not go out"]
    if status is LineStatus.SENT:
        return [f"{words}; a true-up carries the difference of {due}"]
    if status is LineStatus.READY:
        return [f"{words}; the difference of {due} goes out as a true-up in the next open period"]
    why = [] if find_true_up_days(balance, terms) else [NOTHING_OPEN]
    return [f"{words}; the difference of {due} does not go out", *why]


def _spell(amount: Decimal, currency: str) -> str:
    return f"{as_text(show_money(amount, currency))} {currency}"
