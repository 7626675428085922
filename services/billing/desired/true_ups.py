"""Remembers the true-ups that were written to the PSA, and those that were taken back before they were invoiced."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from services.billing.desired import repository
from services.billing.desired.gathered.marking import withdraw_true_ups
from services.billing.lines import repository as lines
from services.billing.lines.stored import StoredLine
from services.billing.rating.books import Needs, gather_books
from services.billing.rules.book import RateBook
from services.billing.rules.editable import apply_decisions
from services.billing.rules.frozen import was_invoiced
from services.billing.rules.line import TrueUp
from services.billing.rules.rate import rate
from services.billing.rules.true_ups import number_true_up
from services.contracts.shapes import EndedAddition, PushedAddition
from services.kit.base.db import WriteSession


def mark_true_up(stored: StoredLine, result: PushedAddition, book: RateBook) -> StoredLine:
    """The line with a true-up that was written, for the first time or with another amount; how it was sent stays."""
    written = TrueUp(
        number=number_true_up(stored.line, result.marker),
        marker=result.marker,
        agreement_id=result.agreement_id,
        amount=result.amount,
        bills_from=result.bills_from,
        bills_through=result.bills_through,
        addition_id=result.addition_id,
    )
    others = [each for each in stored.line.true_ups if each.number != written.number]
    return _rate_with(stored, (*others, written), book)


def _rate_with(stored: StoredLine, true_ups: tuple[TrueUp, ...], book: RateBook) -> StoredLine:
    line = replace(stored.line, true_ups=true_ups, push_failed=False)
    return stored.changed(line, rate(apply_decisions(line, stored.decisions), book), stored.rules_version)


async def withdraw_ended(session: WriteSession, ended: Sequence[EndedAddition], now: datetime) -> None:
    """True-ups that bill no more and were not invoiced have corrected nothing: their lines are rated without them."""
    numbers = await repository.find_ended_true_ups(session, ended)
    found = await lines.find_by_ids(session, list(numbers))
    of_lines = {each.id for each in found}
    await withdraw_true_ups(session, {key: each for key, each in numbers.items() if key not in of_lines}, now)
    books = await gather_books(session, Needs.of(found))
    changed = []
    for stored in found:
        book = books[stored.rules_version]
        over = {
            each.number
            for each in stored.line.true_ups
            if each.number in numbers[stored.id] and not was_invoiced(each.agreement_id, each.bills_from, book)
        }
        await repository.withdraw_true_ups(session, stored.id, over, now)
        kept = (replace(each, is_withdrawn=True) if each.number in over else each for each in stored.line.true_ups)
        changed.append(_rate_with(stored, tuple(kept), book))
    await lines.save(session, [new for new, old in zip(changed, found, strict=True) if new is not old])


async def keep_true_ups(session: WriteSession, marked: Iterable[tuple[StoredLine, StoredLine]], now: datetime) -> None:
    """Write the true-ups that a push has brought; given are lines before and after it."""
    await repository.keep_true_ups(
        session,
        [
            {**asdict(each), "line_id": new.id, "sent_at": now}
            for old, new in marked
            for each in new.line.true_ups
            if each not in old.line.true_ups
        ],
    )
