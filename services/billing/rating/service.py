"""Rows become lines, and lines not sent yet are rated again when a mapping or an agreement changes.

A line that is sent keeps the values it was sent with, until its row changes or a person edits it.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from uuid import UUID

from services.billing.lines import repository
from services.billing.lines.stored import StoredLine
from services.billing.mapping import repository as mappings
from services.billing.mapping.models import OrganizationRow, ProductRow
from services.billing.rating.books import Needs, find_rules_in_force, gather_books, read_rules_in_force
from services.billing.rules.book import RateBook
from services.billing.rules.dropping import group_of, is_proration
from services.billing.rules.editable import apply_decisions
from services.billing.rules.line import Line
from services.billing.rules.rate import rate
from services.contracts.events.sync import RowsLoaded
from services.contracts.shapes import InvoiceFacts, Outcomes, RowFacts, Tally
from services.contracts.vocabulary import LineStatus
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.ids import new_id

RowKey = tuple[str, str]
FIRST = UUID(int=0)


async def take_rows(session: WriteSession, loaded: RowsLoaded) -> Outcomes:
    """Make lines of invoice rows, or bring lines up to date; what people decided stays."""
    headers = {header.invoice_id: header for header in loaded.invoices}
    rows = {(row.invoice_id, row.row_id): row for row in loaded.rows}
    vanished = {(row.invoice_id, row.row_id) for row in loaded.vanished} - rows.keys()
    found = await repository.find_by_rows(session, [*rows, *vanished])
    known = {(each.line.invoice_id, each.line.row_id): each for each in found}
    await _register(session, loaded.rows, headers)
    incoming = {key: _merge(row, headers[row.invoice_id], known.get(key)) for key, row in rows.items()}
    incoming |= {key: replace(known[key].line, is_vanished=True) for key in vanished & known.keys()}
    lines = await _rate_incoming(session, incoming, known)
    await repository.save(session, [line for key, line in lines.items() if line is not known.get(key)])
    await _follow_corrections(session, incoming)
    return tally(lines.values())


async def _follow_corrections(session: WriteSession, incoming: Mapping[RowKey, Line]) -> None:
    """A correction that came, or is gone, may decide about the others of its subscription on its invoice."""
    if not (await read_rules_in_force(session)).drop_favourable_prorations:
        return
    groups = {group_of(line) for line in incoming.values() if line.subscription_id and is_proration(line)}
    found = await repository.find_corrections(session, groups) if groups else []
    beside = [each for each in found if not each.is_sent and (each.line.invoice_id, each.line.row_id) not in incoming]
    again = await rate_again(session, beside) if beside else []
    await repository.save(session, [new for new, old in zip(again, beside, strict=True) if new is not old])


async def _register(session: WriteSession, rows: Sequence[RowFacts], headers: Mapping[str, InvoiceFacts]) -> None:
    partner_id = session.circumstances.partner_id
    organizations = {
        row.organization_id: {"name": row.organization_name, "currency": headers[row.invoice_id].currency}
        for row in rows
    }
    await mappings.register_missing(session, OrganizationRow, partner_id, organizations)
    offers = {row.offer_id: {"name": row.offer_name} for row in rows}
    await mappings.register_missing(session, ProductRow, partner_id, offers)


def _merge(row: RowFacts, header: InvoiceFacts, before: StoredLine | None) -> Line:
    line = Line(
        **dict(row),
        invoice_number=header.number,
        invoice_date=header.invoice_date,
        period=header.period,
        currency=header.currency,
        is_sendable=header.is_sendable,
    )
    return line if before is None else keep_sending(line, before.line)


def keep_sending(line: Line, before: Line) -> Line:
    """Its role and how it was sent survive a new load; so do decisions, which are kept elsewhere."""
    return replace(
        line,
        drives=before.drives,
        sent_fingerprint=before.sent_fingerprint,
        sent_marker=before.sent_marker,
        sent_recurring=before.sent_recurring,
        sent_gathered=before.sent_gathered,
        sent_amount=before.sent_amount,
        sent_agreement_id=before.sent_agreement_id,
        sent_from=before.sent_from,
        sent_through=before.sent_through,
        sent_start=before.sent_start,
        sent_end=before.sent_end,
        sent_price_terms=before.sent_price_terms,
        true_ups=before.true_ups,
        by_hand=before.by_hand,
        by_hand_charged=before.by_hand_charged,
        by_hand_words=before.by_hand_words,
    )


async def _rate_incoming(
    session: ReadSession, incoming: Mapping[RowKey, Line], known: Mapping[RowKey, StoredLine]
) -> dict[RowKey, StoredLine]:
    version = await find_rules_in_force(session)
    needs = Needs(rule_versions={version})
    for key, line in incoming.items():
        needs.add(_in_force(line, known.get(key)))
    book = (await gather_books(session, needs))[version]
    return {key: _rate_one(line, known.get(key), book, version) for key, line in incoming.items()}


def _in_force(line: Line, before: StoredLine | None) -> Line:
    return apply_decisions(line, before.decisions) if before else line


def _rate_one(line: Line, before: StoredLine | None, book: RateBook, version: int) -> StoredLine:
    if before is None:
        return StoredLine(id=new_id(), version=1, rules_version=version, line=line, rated=rate(line, book))
    if before.is_sent and before.line == _as_described(line, before.line):
        return before
    return before.changed(line, rate(_in_force(line, before), book), version)


def _as_described(line: Line, before: Line) -> Line:
    """With the words that only descriptions use as they were: other words alone are no change of a charge.

    Lines of an older build have none of them, and must not all be rated anew by the first load after it.
    """
    return replace(
        line, vendor=before.vendor, contract_number=before.contract_number, purchase_order=before.purchase_order
    )


def tally(lines: Iterable[StoredLine]) -> Outcomes:
    """Lines and money by status."""
    counts: Counter[str] = Counter()
    amounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for stored in lines:
        counts[stored.rated.status] += 1
        amounts[stored.rated.status][stored.line.currency] += stored.line.total
    return {name: Tally(count=count, amounts=amounts[name]) for name, count in counts.items()}


async def rate_again(session: ReadSession, lines: Sequence[StoredLine]) -> list[StoredLine]:
    """Lines that are not sent, rated with the rules they were loaded with; a failed push is forgotten."""
    books = await gather_books(session, Needs.of(lines))
    again = []
    for stored in lines:
        line = replace(stored.line, push_failed=False)
        rated = rate(apply_decisions(line, stored.decisions), books[stored.rules_version])
        again.append(stored.changed(line, rated, stored.rules_version))
    return again


async def follow_organizations(session: WriteSession, organization_ids: Sequence[str]) -> int:
    """Rate all unsent lines of some organizations again; answers with how many changed."""
    return await _follow(session, repository.find_open_of_organizations, organization_ids)


async def follow_offers(session: WriteSession, offer_ids: Sequence[str]) -> int:
    """Rate all unsent lines of some offers again; answers with how many changed."""
    return await _follow(session, repository.find_open_of_offers, offer_ids)


async def follow_agreements(session: WriteSession, agreement_ids: Sequence[str]) -> int:
    """Rate the unsent lines again for which a person chose one of some agreements."""
    return await _follow(session, repository.find_open_of_chosen_agreements, agreement_ids)


async def follow_months(session: WriteSession, first: str, until: str) -> int:
    """Rate the unsent lines again of the months from `first` on and before `until`."""
    return await _follow(session, repository.find_open_of_months, [first, until])


async def follow_dropping(session: WriteSession) -> int:
    """Rate the unsent lines again that a rule may drop, or dropped until now."""
    return await _follow(session, repository.find_droppable, [LineStatus.DROPPED.value])


async def follow_prices(session: WriteSession, item_ids: Sequence[str]) -> int:
    """Rate the lines again, sent ones too, that rules price by the catalog and whose product is one of some items.

    A new price of the catalog is a change of such a line. What the PSA has invoiced keeps the price that it was sent
    with.
    """
    offer_ids = await mappings.find_mapped_to(session, ProductRow, item_ids)
    followed = await _follow(session, repository.find_priced_of_offers, offer_ids)
    return followed + await _follow(session, repository.find_priced_of_chosen_products, item_ids)


async def follow_psa(session: WriteSession) -> int:
    """Rate all unsent lines again; answers with how many changed."""
    return await _follow_all(session, partial(repository.find_open, session))


Find = Callable[[ReadSession, Sequence[str], UUID], Awaitable[list[StoredLine]]]


async def _follow(session: WriteSession, find: Find, ids: Sequence[str]) -> int:
    return await _follow_all(session, partial(find, session, ids)) if ids else 0


async def _follow_all(session: WriteSession, find: Callable[[UUID], Awaitable[list[StoredLine]]]) -> int:
    after, count = FIRST, 0
    while lines := await find(after):
        again = await rate_again(session, lines)
        changed = [new for new, old in zip(again, lines, strict=True) if new is not old]
        await repository.save(session, changed)
        after, count = lines[-1].id, count + len(changed)
    return count
