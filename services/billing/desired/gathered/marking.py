"""Remembers additions that carry parts of several lines, and marks those lines with what is carried of them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.billing.desired.gathered import repository
from services.billing.desired.repository import keep_true_ups
from services.billing.lines import repository as lines
from services.billing.rating.books import Needs, gather_books
from services.billing.rules.book import RateBook
from services.billing.rules.editable import apply_decisions
from services.billing.rules.frozen import was_invoiced
from services.billing.rules.gathered import Known
from services.billing.rules.identity import GatheredKind, gathered_id
from services.billing.rules.line import TrueUp
from services.billing.rules.rate import rate
from services.contracts.invoicing.exact import ZERO
from services.contracts.shapes import CarriedLine, DesiredAddition, EndedAddition, PushedAddition
from services.kit.base.db import ReadSession, WriteSession


async def find_known(session: ReadSession, period: str) -> tuple[Known, Known]:
    """The gathered additions of a month that were sent, by marker: of usage, and of what rounding left."""
    found = await repository.find_sent(session, period=period)
    usage, rounding = (
        {each.marker: each for kind, each in found if kind is wanted}
        for wanted in (GatheredKind.USAGE, GatheredKind.ROUNDING)
    )
    return usage, rounding


async def note_wanted(session: WriteSession, period: str, additions: Iterable[DesiredAddition]) -> None:
    """Keep what gathers the lines of an addition, so that it is known when its push comes back."""
    partner_id = session.circumstances.partner_id
    await repository.keep_wanted(
        session,
        [
            {
                "partner_id": partner_id,
                "id": each.line_id,
                "kind": _find_kind(partner_id, each).value,
                "marker": each.marker,
                "organization_id": each.organization_id,
                "agreement_id": each.agreement_id,
                "currency": each.currency,
                "period": period,
            }
            for each in additions
            if each.carries and not each.corrects
        ],
    )


def _find_kind(partner_id: UUID, addition: DesiredAddition) -> GatheredKind:
    return next(kind for kind in GatheredKind if gathered_id(kind, partner_id, addition.marker) == addition.line_id)


async def mark_gathered(session: WriteSession, pushed: Sequence[PushedAddition], now: datetime) -> list[PushedAddition]:
    """Remember gathered additions as they were written; answers with what became of each line.

    A line that is carried whole is marked like one with an addition of its own.
    """
    kinds = await repository.find_kinds(session, {each.line_id for each in pushed})
    if not kinds:
        return list(pushed)
    gathered = [each for each in pushed if each.line_id in kinds]
    written = [each for each in gathered if not each.error]
    await _keep(session, written, now)
    usage = [each for each in gathered if kinds[each.line_id] is GatheredKind.USAGE]
    proven = [each for each in usage if not each.error]
    await _move_shares(
        session,
        {one.line_id: one for each in proven if each.is_frozen for one in each.carries},
        {one.line_id: one.amount for each in proven if each.corrects for one in each.carries},
    )
    await _set_free(session, [each for each in proven if not each.is_frozen and not each.corrects])
    spread = [each for each in usage if each.error or not (each.is_frozen or each.corrects)]
    alone = [each for each in pushed if each.line_id not in kinds]
    return [*alone, *(_of_line(each, one) for each in spread for one in each.carries)]


def _of_line(result: PushedAddition, carried: CarriedLine) -> PushedAddition:
    return result.model_copy(
        update={"line_id": carried.line_id, "line_version": carried.line_version, "amount": carried.amount}
    )


async def _keep(session: WriteSession, written: Sequence[PushedAddition], now: datetime) -> None:
    names = ("addition_id", "amount", "bills_from", "bills_through")
    own = [each for each in written if not each.is_frozen and not each.corrects]
    sent = [{"id": each.line_id, "sent_at": now, **{name: getattr(each, name) for name in names}} for each in own]
    await repository.keep_sent(session, sent)
    corrections = [each for each in written if each.corrects]
    if not corrections:
        return
    found = await repository.find_sent(session, ids={each.line_id for each in corrections})
    known = {each.id: each.true_ups for _, each in found}
    true_ups = [(each.line_id, _as_true_up(each, known.get(each.line_id, ()))) for each in corrections]
    rows = [{**asdict(each), "line_id": line_id, "sent_at": now} for line_id, each in true_ups]
    await keep_true_ups(session, rows)


def _as_true_up(result: PushedAddition, known: Sequence[TrueUp]) -> TrueUp:
    following = known[-1].number + 1 if known else 1
    return TrueUp(
        number=next((each.number for each in known if each.marker == result.marker), following),
        marker=result.marker,
        agreement_id=result.agreement_id,
        amount=result.amount,
        bills_from=result.bills_from,
        bills_through=result.bills_through,
        addition_id=result.addition_id,
    )


async def _move_shares(session: WriteSession, kept: dict[UUID, CarriedLine], moved: dict[UUID, Decimal]) -> None:
    """What is carried of invoiced lines now: as the invoiced addition says, and what a true-up moves beside it."""
    found = await lines.find_by_ids(session, [*{**kept, **moved}])
    books = await gather_books(session, Needs.of(found))
    changed = []
    for stored in found:
        share, now = stored.line.sent_amount, kept.get(stored.id)
        if now is not None and now.line_version == stored.version:  # else a later change has come between
            share = now.amount
        share = (share or ZERO) + moved.get(stored.id, ZERO)
        if share != stored.line.sent_amount:
            line = replace(stored.line, sent_amount=share, push_failed=False)
            rated = rate(apply_decisions(line, stored.decisions), books[stored.rules_version])
            changed.append(stored.changed(line, rated, stored.rules_version))
    await lines.save(session, changed)


async def _set_free(session: WriteSession, written: Sequence[PushedAddition]) -> None:
    """Lines that an addition carried before, and does not any more, were not sent."""
    markers = {each.addition_id: each.marker for each in written if each.addition_id}
    found = await lines.find_of_additions(session, list(markers))
    carried = {one.line_id for each in written for one in each.carries}
    left = [
        each
        for each in found
        if each.id not in carried and each.line.sent_gathered
        if each.line.sent_marker == markers.get(each.addition_id or "")
    ]
    books = await gather_books(session, Needs.of(left))
    free = [each.forget_sending() for each in left]
    await lines.save(
        session,
        [
            replace(
                each,
                version=each.version + 1,
                rated=rate(apply_decisions(each.line, each.decisions), books[each.rules_version]),
            )
            for each in free
        ],
    )


async def end_gathered(session: WriteSession, ended: Sequence[EndedAddition]) -> None:
    """What bills no more and was not invoiced was not sent."""
    by_marker = {each.marker: each.addition_id for each in ended}
    found = [each for _, each in await repository.find_sent(session, markers=by_marker)]
    book = await _read_terms(session, {each.agreement_id for each in found})
    over = {each.id for each in found if by_marker[each.marker] == each.addition_id and not each.is_invoiced(book)}
    await repository.forget_sent(session, over)


async def withdraw_true_ups(session: WriteSession, numbers: dict[UUID, set[int]], now: datetime) -> None:
    """True-ups of gathered additions that bill no more: addition → numbers."""
    if not numbers:
        return
    found = [each for _, each in await repository.find_sent(session, ids=numbers)]
    book = await _read_terms(session, {one.agreement_id for each in found for one in each.true_ups})
    for each in found:
        for one in each.true_ups:
            if one.number in numbers[each.id] and not was_invoiced(one.agreement_id, one.bills_from, book):
                await repository.withdraw_true_up(session, each.id, one.number, now)


async def _read_terms(session: ReadSession, agreement_ids: set[str]) -> RateBook:
    books = await gather_books(session, Needs(agreement_ids=agreement_ids, rule_versions={0}))
    return books[0]
