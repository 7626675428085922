"""Marks lines as sent, failed or free again, as the PSA answered, and remembers persistent additions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.billing.desired import repository
from services.billing.desired.advance import note_billed_in_advance, split_at_next_invoice
from services.billing.desired.gathered.marking import end_gathered, mark_gathered
from services.billing.desired.true_ups import keep_true_ups, mark_true_up, withdraw_ended
from services.billing.lines import repository as lines
from services.billing.lines.stored import StoredLine
from services.billing.rating.books import Needs, find_persistent_additions, gather_books
from services.billing.rules.book import RateBook
from services.billing.rules.desired import choose_effective_date
from services.billing.rules.editable import apply_decisions
from services.billing.rules.frozen import is_invoiced
from services.billing.rules.identity import recurring_marker
from services.billing.rules.persistent import PersistentAddition, spell_row
from services.billing.rules.rate import rate
from services.billing.rules.segments import find_segment, place_line, spell_rated_money
from services.contracts.invoicing.amounts import Decimals
from services.contracts.shapes import EndedAddition, PushedAddition
from services.contracts.vocabulary import LineStatus, OperationKind
from services.kit.base import clock
from services.kit.base.db import WriteSession

OLDER_VALUES = "other"
"""Sent fingerprint of a line whose addition the PSA holds with other values than it has now."""


async def mark_pushed(session: WriteSession, pushed: Sequence[PushedAddition]) -> None:
    """Mark lines as sent or failed, and remember their true-ups and the persistent additions they drive.

    What was frozen changes nothing. A line has a result of its own, one of its true-up, or both.
    """
    partner_id = session.circumstances.partner_id
    pushed = await mark_gathered(session, pushed, clock.now())
    results = {each.line_id: each for each in pushed if not each.is_frozen and not each.corrects}
    true_ups = {each.line_id: each for each in pushed if each.corrects and not each.is_frozen}
    found = await lines.find_by_ids(session, list(results | true_ups))
    books = await gather_books(session, Needs.of(found))
    now = clock.now()
    marked = []
    for each in found:
        book = books[each.rules_version]
        corrected = _mark_true_up(each, true_ups.get(each.id), book)
        marked.append(_mark(corrected, results.get(each.id), book, partner_id, now))
    changed = [replace(new, version=old.version + 1) for new, old in zip(marked, found, strict=True) if new is not old]
    await lines.save(session, changed)
    await keep_true_ups(session, zip(found, marked, strict=True), now)
    written = [each for each in changed if each.id in results and not results[each.id].error]
    driving = [each for each in written if each.line.sent_recurring]
    remembered = [_remember(each, results[each.id], partner_id, books[each.rules_version]) for each in driving]
    persistent = {(each["subscription_id"], each["agreement_id"], each["segment"]): each for each in remembered}
    await repository.keep_persistent_additions(session, list(persistent.values()))


def _mark_true_up(stored: StoredLine, result: PushedAddition | None, book: RateBook) -> StoredLine:
    """Its version stays: what became of the line's own addition is compared with it."""
    if result is None:
        return stored
    marked = _mark_failed(stored, result, book) if result.error else mark_true_up(stored, result, book)
    return stored if marked is stored else replace(marked, version=stored.version)


def _mark(
    stored: StoredLine, result: PushedAddition | None, book: RateBook, partner_id: UUID, now: datetime
) -> StoredLine:
    if result is None:
        return stored
    if result.error:
        return _mark_failed(stored, result, book)
    sent = _mark_sent(_take_mended(stored, result, book), result, partner_id, now)
    return sent if sent is stored else note_billed_in_advance(sent, result, book)


def _take_mended(stored: StoredLine, result: PushedAddition, book: RateBook) -> StoredLine:
    """The line with the form of its amount that the push found to be kept; its values are those that were planned."""
    mended = result.mended
    if mended is None or stored.version != result.line_version:
        return stored
    kept = Decimals(mended.price_decimals, mended.quantity_decimals)
    rated = rate(apply_decisions(stored.line, stored.decisions), book.keeping(kept))
    if (rated.quantity, rated.unit_price) != (mended.quantity, mended.unit_price):
        return replace(stored, version=stored.version + 1)  # what the PSA holds is compared anew by the next plan
    return replace(stored, rated=rated)


def _mark_failed(stored: StoredLine, result: PushedAddition, book: RateBook) -> StoredLine:
    """The PSA does not hold these values, whatever it was sent before; of a refused create it holds none.

    A refused true-up leaves what was invoiced as it is.
    """
    failed = stored
    if result.operation is OperationKind.CREATE:
        failed = stored.forget_sending()
    elif not result.corrects and stored.line.sent_fingerprint is not None:
        failed = replace(stored, line=replace(stored.line, sent_fingerprint=OLDER_VALUES))
    line = replace(failed.line, push_failed=True)
    return _rate_next(replace(failed, line=line, push_error=result.error), book)


def _mark_sent(stored: StoredLine, result: PushedAddition, partner_id: UUID, now: datetime) -> StoredLine:
    if stored.is_sent and result.operation is OperationKind.NONE and stored.addition_id == result.addition_id:
        return stored  # known to be so already: most lines of a month that is pushed again
    is_recurring = result.is_recurring
    if is_recurring is None:
        is_recurring = result.marker == recurring_marker(partner_id, result.agreement_id, stored.line.subscription_id)
    start, end = stored.rated.start.value, stored.rated.end.value
    line = replace(
        stored.line,
        sent_marker=result.marker,
        sent_recurring=is_recurring,
        sent_gathered=bool(result.carries),
        sent_amount=result.amount,
        sent_agreement_id=result.agreement_id,
        sent_from=result.bills_from or start,
        sent_through=result.bills_through,
        sent_start=start,
        sent_end=end,
        sent_price_terms=stored.rated.price_terms,
    )
    version = stored.version + 1
    if stored.version != result.line_version:
        line = replace(line, sent_fingerprint=OLDER_VALUES, sent_start=None, sent_end=None)
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


def _remember(stored: StoredLine, result: PushedAddition, partner_id: UUID, book: RateBook) -> dict[str, Any]:
    line, planned = stored.line, stored.plan()
    known = book.running.get((result.agreement_id, line.subscription_id))
    segment, place = find_segment(result.marker, known), place_line(planned, book)
    home = place.home if place and place.home else (None, None)
    bills_from, bills_through = result.bills_from or home[0], result.bills_through or home[1]
    return {
        "partner_id": partner_id,
        "subscription_id": line.subscription_id,
        "agreement_id": result.agreement_id,
        "segment": segment,
        "addition_id": result.addition_id,
        "invoice_id": line.invoice_id,
        "row_id": line.row_id,
        "period": line.period,
        "effective_date": result.effective_date or choose_effective_date(planned, place),
        "amount": result.amount,
        **split_at_next_invoice(result, known, book),
        "bills_from": bills_from,
        "bills_through": bills_through,
        "charge_end": line.charge_end,
        "ends_on": result.cancelled_date,
        "money": spell_rated_money(stored.rated) if stored.is_sent else "",
        "begun_by": spell_row(line),
        "charged_from": bills_from,
    }


async def mark_ended(session: WriteSession, ended: Sequence[EndedAddition]) -> None:
    """End persistent additions, and set free the lines that an ended addition does not bill."""
    if not ended:
        return
    await withdraw_ended(session, ended, clock.now())
    await end_gathered(session, ended)
    known = await find_persistent_additions(session, {each.subscription_id for each in ended})
    segments = {each.marker: each for newest in known.values() for each in newest.segments}
    over = [
        each.model_dump(mode="json") | {"segment": segments[each.marker].segment}
        for each in ended
        if each.marker in segments
    ]
    await repository.end_persistent_additions(session, over, clock.now())
    by_id = {each.addition_id: each for each in ended}
    carried = await lines.find_of_additions(session, list(by_id))
    # A line sent before markers were remembered is known by the addition's id alone.
    found = [each for each in carried if each.line.sent_marker in (None, by_id[each.addition_id or ""].marker)]
    latest: dict[str, str] = {}
    for each in found:
        addition_id = each.addition_id or ""
        latest[addition_id] = max(latest.get(addition_id, ""), each.line.period)
    books = await gather_books(session, Needs.of(found))
    unbilled = [
        each
        for each in found
        if not _is_billed(each, by_id[each.addition_id or ""], segments, latest)
        and not is_invoiced(each.line, books[each.rules_version])
    ]
    await lines.save(session, [_rate_next(each.forget_sending(), books[each.rules_version]) for each in unbilled])


def _is_billed(
    stored: StoredLine, ended: EndedAddition, segments: Mapping[str, PersistentAddition], latest: Mapping[str, str]
) -> bool:
    """Whether an ended addition has billed a line: up to its last day; of one that is gone, earlier months only."""
    if ended.last_billed_day is None:
        return bool(stored.line.sent_recurring) and stored.line.period < latest[ended.addition_id]
    segment = segments.get(ended.marker)
    if segment and segment.home and max(segment.home.first, segment.effective_date) <= ended.last_billed_day:
        return True  # it billed the period of the charge that drove it last, so those before too
    start = stored.rated.start.value
    return start is None or start <= ended.last_billed_day


def _rate_next(stored: StoredLine, book: RateBook) -> StoredLine:
    rated = rate(apply_decisions(stored.line, stored.decisions), book)
    return replace(stored, version=stored.version + 1, rated=rated)
