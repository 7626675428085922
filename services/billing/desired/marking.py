"""Takes in what became of pushed additions: lines are sent or held with the error, persistent additions remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.billing.desired import repository
from services.billing.rating import repository as lines
from services.billing.rating.books import Scope, gather_books
from services.billing.rating.record import StoredLine
from services.billing.rules.book import RateBook, spell_row
from services.billing.rules.desired import choose_effective_date, find_persistent_addition
from services.billing.rules.rate import rate
from services.contracts.shapes import PushedAddition
from services.contracts.vocabulary import LineStatus, OperationKind
from services.kit.base import clock
from services.kit.base.db import WriteSession

NOT_THESE_VALUES = "other"  # of a line that was edited while it was pushed: in ConnectWise, but not as it is now


async def mark_lines(session: WriteSession, pushed: Sequence[PushedAddition]) -> None:
    """Mark lines as sent or failed, as ConnectWise answered."""
    partner_id = session.circumstances.partner_id
    results = {each.line_id: each for each in pushed}
    found = await lines.find_by_ids(session, partner_id, list(results))
    books = await gather_books(session, Scope.of(found))
    now = clock.now()
    marked = [_mark_one(each, results[each.id], books[each.rules_version], now) for each in found]
    changed = [new for new, old in zip(marked, found, strict=True) if new is not old]
    await lines.save(session, partner_id, changed)
    written = [each for each in changed if not results[each.id].error]
    await _remember(session, written, results, books)


def _mark_one(stored: StoredLine, result: PushedAddition, book: RateBook, now: datetime) -> StoredLine:
    line, version = stored.line, stored.version + 1
    if result.error:
        rated = rate(replace(line, push_failed=True), book)
        return replace(
            stored, version=version, line=replace(line, push_failed=True), rated=rated, push_error=result.error
        )
    if result.operation is OperationKind.CANCEL:
        line = replace(line, sent_fingerprint=None, push_failed=False)
        return replace(
            stored, version=version, line=line, rated=rate(line, book), push_error="", sent_at=None, addition_id=None
        )
    if stored.is_sent and result.operation is OperationKind.NONE and stored.addition_id == result.addition_id:
        return stored  # as it was, and known to be: most lines of a month that is pushed again
    if stored.version != result.line_version:
        line = replace(line, sent_fingerprint=NOT_THESE_VALUES)
        return replace(stored, version=version, line=line, sent_at=now, addition_id=result.addition_id)
    return replace(
        stored,
        version=version,
        line=replace(line, sent_fingerprint=stored.rated.fingerprint, push_failed=False),
        rated=replace(stored.rated, status=LineStatus.SENT, hold_reasons=()),
        push_error="",
        sent_at=stored.sent_at if stored.is_sent else now,
        addition_id=result.addition_id,
    )


async def _remember(
    session: WriteSession,
    written: Sequence[StoredLine],
    results: Mapping[UUID, PushedAddition],
    books: Mapping[int, RateBook],
) -> None:
    keep: dict[tuple[str, str], dict[str, Any]] = {}
    forget: list[tuple[str, str]] = []
    for stored in written:
        line, agreement_id = stored.line, results[stored.id].agreement_id
        if results[stored.id].operation is OperationKind.CANCEL:
            forget.append((line.subscription_id, agreement_id))
        elif stored.rated.is_recurring:
            running = find_persistent_addition(stored.plan(), books[stored.rules_version])
            keep[line.subscription_id, agreement_id] = {
                "partner_id": session.circumstances.partner_id,
                "subscription_id": line.subscription_id,
                "agreement_id": agreement_id,
                "invoice_id": line.invoice_id,
                "row_id": line.row_id,
                "period": line.period,
                "effective_date": choose_effective_date(stored.plan(), running),
                "amount": line.total,
                "begun_by": running.begun_by if running else spell_row(line),
            }
    await repository.forget_persistent_additions(session, forget)
    await repository.keep_persistent_additions(session, list(keep.values()))
