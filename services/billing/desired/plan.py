"""Answers a plan: every line of its month is either an addition to have or money that stays behind."""

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from services.billing.mirrors import repository as references
from services.billing.rating import repository as lines
from services.billing.rating.books import Scope, find_rules_in_force, gather_books
from services.billing.rating.record import StoredLine
from services.billing.rules.desired import Desire, Names, assign_roles, desire
from services.contracts.envelope import MAX_ROWS_PER_CHUNK
from services.contracts.events.billing import AdditionsDesired
from services.contracts.shapes import Chunk
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.bus import publish


async def answer_plan(session: WriteSession, plan_id: UUID, period: str) -> None:
    """Rate the month's unsent lines anew, save what changed, and tell what should exist, in parts."""
    partner_id = session.circumstances.partner_id
    stored = await lines.find_of_period(session, partner_id, period)
    scope = Scope.of(stored)
    scope.rule_versions.add(await find_rules_in_force(session))
    books = await gather_books(session, scope)
    assigned = assign_roles([each.plan() for each in stored], books)
    planned = [old.changed(new.line, new.rated, old.rules_version) for old, new in zip(stored, assigned, strict=True)]
    await lines.save(session, partner_id, [new for new, old in zip(planned, stored, strict=True) if new is not old])
    names = await _name(session, planned)
    # Every book knows the same agreements and additions; they differ in rules, which have spoken by now.
    book = books[max(books)]
    await publish_desire(session, plan_id, desire(partner_id, [each.plan() for each in planned], book, names))


async def _name(session: ReadSession, planned: Sequence[StoredLine]) -> Names:
    companies = {(MirrorKind.COMPANY, each.rated.company_id) for each in planned if each.rated.company_id}
    products = {(MirrorKind.CATALOG_ITEM, each.rated.product_id) for each in planned if each.rated.product_id}
    named = await references.name_all(session, companies | products)
    return Names(
        companies={place: name for (kind, place), name in named.items() if kind == MirrorKind.COMPANY},
        products={place: name for (kind, place), name in named.items() if kind == MirrorKind.CATALOG_ITEM},
    )


async def publish_desire(session: WriteSession, plan_id: UUID, found: Desire) -> None:
    additions, unsent = iter(found.additions), iter(found.unsent)
    total = len(found.additions) + len(found.unsent)
    count = max(1, -(-total // MAX_ROWS_PER_CHUNK))  # a month without lines is an answer too
    for index in range(count):
        some = list(islice(additions, MAX_ROWS_PER_CHUNK))
        fact = AdditionsDesired(
            plan_id=plan_id,
            chunk=Chunk(index=index, count=count),
            additions=some,
            unsent=list(islice(unsent, MAX_ROWS_PER_CHUNK - len(some))),
        )
        await publish(session, fact, subject=f"plan/{plan_id}")
