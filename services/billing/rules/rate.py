"""The one entry of the rules: a line and a book in, everything that follows from them out.

Rating is repeatable: the same line and book give the same answer, so it may run again at any time.
"""

from decimal import Decimal
from functools import lru_cache

from services.billing.rules.book import RateBook
from services.billing.rules.by_hand import explain_by_hand, is_billed_before
from services.billing.rules.draft import Draft, draft_line, fingerprint
from services.billing.rules.dropping import WORDS as DROPPED_WORDS
from services.billing.rules.forecast import forecast_addition
from services.billing.rules.frozen import is_invoiced, rate_invoiced
from services.billing.rules.holds import find_holds
from services.billing.rules.line import Line, Rated
from services.billing.rules.readiness import judge
from services.contracts.invoicing.amounts import AmountForm
from services.contracts.invoicing.exact import ZERO
from services.contracts.money import as_text
from services.contracts.vocabulary import BillOption, LineStatus

_GOING = (LineStatus.READY, LineStatus.SENT)
GATHERED = "goes out in one addition with the other usage of its subscription in the month"
_FORM_WORDS: dict[AmountForm, tuple[str, ...]] = {
    AmountForm.AS_INVOICED: (),
    AmountForm.ROUNDED_PRICE: ("unit price rounded, as far as the total stays exact",),
    AmountForm.SINGLE: ("quantity 1 at the total, because no unit price comes to it; the true quantity is described",),
}


def rate(line: Line, book: RateBook) -> Rated:
    """What a line would become in the PSA, whether it may go, and why."""
    if is_invoiced(line, book):
        return rate_invoiced(line, book)
    draft = draft_line(line, book)
    mapping, terms, amount, recurrence = book.mapping_of(line), draft.choice.terms, draft.amount, draft.recurrence
    sending = fingerprint(draft)
    is_sent = sending is not None and line.sent_fingerprint == sending
    dropped_by = None if is_sent else book.dropping.choose(line)
    status, hold_reasons = judge(
        find_holds(draft, book),
        is_sendable=line.is_sendable,
        is_excluded=line.is_excluded or mapping.is_excluded,
        is_sent=is_sent,
        is_billed_before=is_billed_before(line, book),
        is_dropped=dropped_by is not None,
    )
    dropped_by = dropped_by if status is LineStatus.DROPPED else None
    bills_nothing = status in (LineStatus.BILLED_BEFORE, LineStatus.DROPPED)
    forecast = ZERO if bills_nothing else forecast_addition(draft)
    return Rated(
        status=status,
        hold_reasons=hold_reasons,
        charge_type=draft.charge_type,
        is_recurring=recurrence.is_recurring,
        company_id=terms.facts.company_id if terms else mapping.company_id,
        agreement_id=terms.facts.agreement_id if terms else None,
        product_id=draft.product_id,
        start=draft.dates.start,
        end=draft.dates.end,
        quantity=amount.quantity if amount else None,
        unit_price=amount.unit_price if amount else None,
        amount=draft.rounded,
        remainder=draft.priced.total - draft.rounded,
        is_gathered=draft.is_gathered,
        unit_cost=draft.unit_cost,
        price_terms=draft.priced.terms.as_text(),
        description=draft.description,
        bill_option=draft.policy.bill_option,
        taxable=draft.policy.taxable,
        forecast=forecast,
        explanation=(
            *((DROPPED_WORDS[dropped_by],) if dropped_by else ()),
            *explain_by_hand(line, book),
            draft.choice.explanation,
            *recurrence.words,
            *(draft.place.words if draft.place else ()),
            *draft.priced.words,
            *(_explain(amount.form, book.psa.label) if amount and not draft.is_gathered else ()),
            *say_rounding(draft.priced.total, draft.rounded, line.currency, is_gathered=draft.is_gathered),
        ),
        warnings=() if bills_nothing else _warn(draft, forecast, book.psa.label, is_going=status in _GOING),
        fingerprint=sending,
        dropped_by=dropped_by,
    )


@lru_cache(maxsize=64)
def _explain(form: AmountForm, psa: str) -> tuple[str, ...]:
    return tuple(words.format(psa=psa) for words in _FORM_WORDS[form])


def say_rounding(total: Decimal, rounded: Decimal, currency: str, *, is_gathered: bool) -> tuple[str, ...]:
    """What becomes of a line whose price is finer than its currency, or that goes out with others."""
    if is_gathered:
        return (GATHERED,)
    if total == rounded:
        return ()
    left = f"{as_text(total - rounded)} {currency} goes into the rounding of its month"
    return (f"{as_text(total)} {currency} is finer than the currency: {as_text(rounded)} is billed for it, and {left}",)


def _warn(draft: Draft, forecast: Decimal | None, psa: str, *, is_going: bool) -> tuple[str, ...]:
    line = draft.line
    named = (*draft.priced.warnings, *(draft.place.warnings if draft.place else ()))
    if forecast is None:
        unknown = (f"what {psa} will bill for this cannot be forecast; look at its dates",) if is_going else ()
        return (*unknown, *named)
    total = draft.rounded
    if forecast == total or draft.policy.bill_option is not BillOption.BILLABLE:
        return named
    meant = "was invoiced" if total == line.total else "is to be billed"
    return (
        f"{as_text(forecast)} {line.currency} will be billed by {psa} for this; {as_text(total)} {meant}",
        *named,
    )
