"""Everything a plan is computed from, except what the PSA holds right now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.periods import days_of
from services.contracts.shapes import Closing, DesiredAddition, MirrorRecord, PlanScope, PsaTraits, UnsentLine
from services.contracts.vocabulary import DecisionChoice, UndecidedCause
from services.kit.base import clock
from services.kit.base.db import ReadSession
from services.sync.additions import repository as additions
from services.sync.additions.models import UnresolvedCreate
from services.sync.additions.written import Written
from services.sync.by_hand.compare import HandDecision
from services.sync.by_hand.repository import list_hand_decisions
from services.sync.invoices.repository import find_trouble
from services.sync.invoices.service import explain_unread
from services.sync.loads.repository import list_charges
from services.sync.loads.service import find_complete_organizations
from services.sync.mirrors.repository import find_agreements
from services.sync.plans import repository
from services.sync.plans.cancellation import plan_ending
from services.sync.plans.claims import Claims, collect_claims
from services.sync.plans.models import DecisionRow, PlanRow
from services.sync.plans.operation import Choice, Ending
from services.sync.plans.unclaimed import Decided, Inquiry


@dataclass(frozen=True, slots=True)
class Answer:
    """What billing answered about a plan."""

    desired: list[DesiredAddition]
    unsent: list[UnsentLine]
    closings: list[Closing]


@dataclass(frozen=True, slots=True)
class Basis:
    """What should exist, what we wrote, what ends, and what bills on."""

    desired: list[DesiredAddition]
    unsent: list[UnsentLine]
    written: list[Written]
    unresolved: Mapping[str, UnresolvedCreate]
    endings: Mapping[str, Ending]
    closings: Mapping[str, Ending]
    billing: frozenset[str]
    """Markers of the additions of ours that bill on within the scope: all that the plan may ask about."""
    inquiry: Inquiry
    scope: PlanScope
    agreement_ids: frozenset[str]
    """To be read: where lines go, where our additions bill on, those that the plan was asked about by name, and in a
    plan of a whole month those on which an examination found twins."""
    agreements: Mapping[str, MirrorRecord]
    terms: Mapping[str, AgreementTerms]
    versions: Mapping[str, str]
    """Agreement → version of what we had written there, read before the PSA is."""
    last_day: date
    """Of the period."""
    invoices_unread: str
    """What follows from invoices that were not read; empty where they were."""
    first_period: str | None = None
    """The first month that is billed from here."""
    by_hand: Mapping[str, list[HandDecision]] = field(default_factory=dict)
    """Agreement → what was found or decided before about charges that may be billed by hand."""


async def gather_basis(session: ReadSession, plan: PlanRow, traits: PsaTraits) -> Basis:
    """Read the basis of a plan."""
    scope = PlanScope.model_validate(plan.scope)
    answer = await _read_answer(session, plan)
    billing = await repository.list_billing(session, scope, _find_by_lines(answer))
    ended = await repository.list_ended(session, scope)
    twins = await additions.list_agreements_with_twins(session) if scope.is_whole_period else set()
    agreement_ids = frozenset(
        {each.agreement_id for each in answer.desired}
        | {each.agreement_id for each in answer.closings}
        | {each.first_charge.agreement_id for each in answer.unsent if each.first_charge}
        | {each.agreement_id for each in billing}
        | {each.agreement_id for each, _ in ended}
        | set(scope.agreement_ids)
        | twins
    )
    agreements = {each.external_id: each for each in await find_agreements(session, agreement_ids)}
    terms = {key: AgreementTerms(each.agreement, traits) for key, each in agreements.items() if each.agreement}
    closings = {each.marker: Ending(each.last_billed_day, each.explanation) for each in answer.closings}
    # Of a segment that is over billing knows the last billed day, whatever became of its subscription since.
    ended = [(each, subscription) for each, subscription in ended if each.marker not in closings]
    endings = await _plan_endings(session, plan.period, ended, answer, terms, traits.label)
    return Basis(
        desired=answer.desired,
        unsent=answer.unsent,
        written=await additions.list_written(session, agreement_ids),
        unresolved=await additions.list_unresolved(session, agreement_ids),
        endings=endings,
        closings=closings,
        billing=frozenset(each.marker for each in billing),
        scope=scope,
        inquiry=await _prepare_inquiry(session, plan, answer, billing, {*endings, *closings}),
        agreement_ids=agreement_ids,
        agreements=agreements,
        terms=terms,
        versions=await additions.read_versions(session, agreement_ids),
        last_day=days_of(plan.period)[1],
        invoices_unread=explain_unread(traits.label) if await find_trouble(session, agreement_ids) else "",
        first_period=plan.first_period,
        by_hand=await list_hand_decisions(session, agreement_ids) if plan.first_period else {},
    )


async def _read_answer(session: ReadSession, plan: PlanRow) -> Answer:
    desired = [DesiredAddition.model_validate(each) for each in await repository.list_desired(session, plan.id)]
    desired.sort(key=lambda each: (each.organization, each.agreement, each.product, each.subscription, each.marker))
    return Answer(
        desired=desired,
        unsent=[UnsentLine.model_validate(each) for each in await repository.list_unsent(session, plan.id)],
        closings=[Closing.model_validate(each) for each in await repository.list_closings(session, plan.id)],
    )


def _find_by_lines(answer: Answer) -> repository.LinesAdditions:
    lines: list[DesiredAddition | UnsentLine] = [*answer.desired, *answer.unsent]
    return repository.LinesAdditions(
        line_ids=frozenset(each.line_id for each in lines),
        markers=frozenset(
            {marker for each in answer.desired for marker in each.left_markers}
            | {each.sent_marker for each in answer.unsent if each.sent_marker}
        ),
        subscription_ids=frozenset(each.subscription_id for each in lines if each.subscription_id),
        withdrawn=frozenset(each.line_id for each in answer.unsent if each.sent_marker),
    )


async def _plan_endings(
    session: ReadSession,
    period: str,
    ended: Sequence[tuple[Written, MirrorRecord]],
    answer: Answer,
    terms: Mapping[str, AgreementTerms],
    psa: str,
) -> dict[str, Ending]:
    """Marker → ending, of those whose subscription no recurring charge keeps alive; a refund or usage does not."""
    charges = await list_charges(session, {each.subscription_id for each, _ in ended}, first=period)
    alive = {each.subscription_id for each in charges if each.is_recurring}
    withdrawn = {line.line_id for line in answer.unsent}
    return {
        each.marker: plan_ending(
            period,
            each,
            _end_of(subscription),
            terms.get(each.agreement_id),
            psa,
            is_withdrawn=each.line_id in withdrawn,
        )
        for each, subscription in ended
        if each.subscription_id not in alive
    }


def _end_of(subscription: MirrorRecord) -> str:
    return str(subscription.attributes.get("end") or "")[:10]


async def _prepare_inquiry(
    session: ReadSession, plan: PlanRow, answer: Answer, billing: Sequence[Written], named: Collection[str]
) -> Inquiry:
    first_day, last_day = days_of(plan.period)
    taken = {*named, *(each.marker for each in answer.desired)}
    open_ones = [each for each in billing if each.marker not in taken]
    decisions = await repository.list_decisions(session, [each.marker for each in open_ones])
    return Inquiry(
        claims=await _collect_claims(session, plan, answer, open_ones, named),
        first_day=first_day,
        last_day=last_day,
        today=clock.today(),
        decisions={each.marker: _as_decided(each) for each in decisions},
        rules={UndecidedCause(cause): DecisionChoice(rule) for cause, rule in plan.when_undecided.items()},
    )


async def _collect_claims(
    session: ReadSession, plan: PlanRow, answer: Answer, open_ones: Sequence[Written], named: Collection[str]
) -> Claims:
    subscriptions = {each.subscription_id for each in open_ones if each.is_recurring and each.subscription_id}
    organizations = {each.organization_id for each in open_ones if each.is_recurring and each.organization_id}
    return collect_claims(
        answer.desired,
        answer.unsent,
        named,
        await list_charges(session, subscriptions, first=plan.period, last=plan.period),
        await find_complete_organizations(session, plan.period, organizations),
        asks_absent=not PlanScope.model_validate(plan.scope).line_ids,
    )


def _as_decided(row: DecisionRow) -> Decided:
    choice = Choice(DecisionChoice(row.choice), row.reason, row.decided_by, row.until)
    return Decided(choice, row.charged_through)
