"""Every reason to hold a line, each found where its cause lies and mended in one way."""

from collections.abc import Iterator

from services.billing.rules.book import RateBook
from services.billing.rules.by_hand import is_asked
from services.billing.rules.draft import Draft
from services.contracts.vocabulary import HoldReason


def find_holds(draft: Draft, book: RateBook) -> set[HoldReason]:
    """All reasons at once, so that a person can mend them in one go."""
    return {
        *draft.recurrence.reasons,
        *draft.dates.reasons,
        *_find_gaps(draft, book),
        *_find_money_trouble(draft, book),
        *_find_history(draft),
    }


def _find_gaps(draft: Draft, book: RateBook) -> Iterator[HoldReason]:
    if draft.choice.terms is None and book.mapping_of(draft.line).company_id is None:
        yield HoldReason.ORGANIZATION_UNMAPPED
    elif draft.choice.reason:
        yield draft.choice.reason
    if draft.product_id is None:
        yield HoldReason.PRODUCT_UNMAPPED
    if draft.charge_type is None:
        yield HoldReason.UNKNOWN_CHARGE_TYPE
    last_day = draft.choice.terms.facts.end_date if draft.choice.terms else None
    start = draft.dates.start.value
    if last_day and start and start > last_day:
        yield HoldReason.AGREEMENT_NOT_ACTIVE


def _find_money_trouble(draft: Draft, book: RateBook) -> Iterator[HoldReason]:
    if draft.amount is None:
        yield HoldReason.AMOUNT_NOT_REPRESENTABLE
    if draft.priced.trouble:
        yield draft.priced.trouble
    if not draft.priced.total and not book.rules.allow_zero_price:
        yield HoldReason.ZERO_PRICE


def _find_history(draft: Draft) -> Iterator[HoldReason]:
    if draft.line.is_vanished:
        yield HoldReason.VANISHED_FROM_INVOICE
    if draft.place and draft.place.is_superseded:
        yield HoldReason.SUPERSEDED
    if is_asked(draft.line):
        yield HoldReason.MAYBE_BILLED_BY_HAND
    if draft.line.push_failed:
        yield HoldReason.PUSH_FAILED
