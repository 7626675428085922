"""Answers a plan: every line of its scope is either an addition to have or money that stays behind."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from services.billing.desired.gathered.marking import find_known, note_wanted
from services.billing.lines import repository as lines
from services.billing.lines.stored import StoredLine
from services.billing.mapping import repository as mappings
from services.billing.mirrors import repository as references
from services.billing.mirrors.models import ReferenceRow
from services.billing.rating.books import Needs, find_rules_in_force, gather_books
from services.billing.rules.by_hand import is_asked
from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles
from services.billing.rules.gathering import Plan, desire_all
from services.billing.rules.model import BillingRules
from services.contracts.envelope import MAX_ROWS_PER_CHUNK, cut_by_weight
from services.contracts.events.billing import AdditionsDesired
from services.contracts.shapes import Chunk, Closing, DesiredAddition, PlanScope, UnsentLine
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.bus import publish


async def answer_plan(session: WriteSession, plan_id: UUID, scope: PlanScope) -> None:
    """Rate the unsent lines of the scope's organizations anew, save what changed, and publish what should exist.

    Which line drives a persistent addition depends on others of its organization, so roles are given to
    all of them, and only then the answer is narrowed to the scope.
    """
    stored = await _find_lines(session, scope)
    needs = Needs.of(stored)
    in_force = await find_rules_in_force(session)
    needs.rule_versions.add(in_force)
    books = await gather_books(session, needs)
    assigned = assign_roles([_ask_anew(each) for each in stored], books)
    planned = [old.planned(new) for old, new in zip(stored, assigned, strict=True)]
    changed = [new for new, old in zip(planned, stored, strict=True) if new is not old and not is_asked(old.line)]
    await lines.save(session, changed)
    every = list(map(_version_as_stored, stored, planned))
    names = await _name(session, every)
    # All books hold the same agreements and additions and differ only in rules, which are applied by now.
    book = books[max(books)]
    usage, rounding = await find_known(session, scope.period)
    found = desire_all(Plan(session.circumstances.partner_id, scope, every), book, names, usage, rounding)
    await note_wanted(session, scope.period, found.additions)
    await publish_desire(session, plan_id, found, books[in_force].rules)


def _ask_anew(stored: StoredLine) -> PlannedLine:
    """Every plan compares additions made by hand anew: a question that was open is none yet."""
    planned = stored.plan()
    return replace(planned, line=replace(planned.line, by_hand=None)) if is_asked(planned.line) else planned


def _version_as_stored(stored: StoredLine, planned: StoredLine) -> PlannedLine:
    """A line that is asked about was not saved with its role."""
    return replace(planned.plan(), version=stored.version) if is_asked(stored.line) else planned.plan()


async def _find_lines(session: ReadSession, scope: PlanScope) -> list[StoredLine]:
    if scope.is_whole_period:
        return await lines.find_of_period(session, scope.period)
    organization_ids = set(await lines.find_organizations_of_scope(session, scope))
    if scope.agreement_ids:
        companies = [each.parent_id for each in (await _find_agreements(session, scope)) if each.parent_id]
        organization_ids.update(await mappings.find_organizations_of(session, companies, scope.agreement_ids))
    return await lines.find_of_organizations(session, scope.period, organization_ids)


async def _find_agreements(session: ReadSession, scope: PlanScope) -> Collection[ReferenceRow]:
    return (await references.find(session, MirrorKind.AGREEMENT, scope.agreement_ids)).values()


async def _name(session: ReadSession, planned: Sequence[PlannedLine]) -> Names:
    companies = {(MirrorKind.COMPANY, each.rated.company_id) for each in planned if each.rated.company_id}
    products = {(MirrorKind.CATALOG_ITEM, each.rated.product_id) for each in planned if each.rated.product_id}
    named = await references.name_all(session, companies | products)
    return Names(
        companies={place: name for (kind, place), name in named.items() if kind == MirrorKind.COMPANY},
        products={place: name for (kind, place), name in named.items() if kind == MirrorKind.CATALOG_ITEM},
    )


async def publish_desire(session: WriteSession, plan_id: UUID, found: Desire, rules: BillingRules) -> None:
    """Publish the answer in parts, each of so many rows whatever they are."""
    rows: list[DesiredAddition | UnsentLine | Closing] = [*found.additions, *found.unsent, *found.closings]
    # A month without lines is an answer too.
    parts = list(cut_by_weight(rows, _weigh, MAX_ROWS_PER_CHUNK)) or [[]]
    for index, some in enumerate(parts):
        fact = AdditionsDesired(
            plan_id=plan_id,
            chunk=Chunk(index=index, count=len(parts)),
            additions=[each for each in some if isinstance(each, DesiredAddition)],
            unsent=[each for each in some if isinstance(each, UnsentLine)],
            closings=[each for each in some if isinstance(each, Closing)],
            when_undecided=dict(rules.when_undecided),
            first_period=rules.first_period,
        )
        await publish(session, fact, subject=f"plan/{plan_id}")


def _weigh(row: DesiredAddition | UnsentLine | Closing) -> int:
    return 1 + len(row.carries) if isinstance(row, DesiredAddition) else 1
