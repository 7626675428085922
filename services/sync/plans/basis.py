"""Everything a plan is computed from, except what the PSA holds right now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts, DesiredAddition, MirrorRecord, PlanScope, UnsentLine
from services.kit.base.db import ReadSession
from services.sync.additions import repository as additions
from services.sync.additions.models import UnresolvedCreate
from services.sync.additions.written import Written
from services.sync.mirrors.repository import find_agreements
from services.sync.plans import repository
from services.sync.plans.cancellation import plan_ending
from services.sync.plans.diff import Ending
from services.sync.plans.models import PlanRow


@dataclass(frozen=True, slots=True)
class Basis:
    """What should exist, what we wrote, and what ends."""

    desired: list[DesiredAddition]
    unsent: list[UnsentLine]
    written: list[Written]
    unresolved: Mapping[str, UnresolvedCreate]
    endings: Mapping[str, Ending]
    named_agreements: frozenset[str]
    """Those that the plan was asked about by name, and in a plan of a whole month those on which an examination found
    twins: looked at even where no line goes there."""
    agreements: Mapping[str, MirrorRecord]
    versions: Mapping[str, str]
    """Agreement → version of what we had written there, read before the PSA is."""
    last_day: date
    """Of the period."""

    @property
    def agreement_ids(self) -> set[str]:
        ending = {each.agreement_id for each in self.written if each.marker in self.endings}
        return {each.agreement_id for each in self.desired} | ending | self.named_agreements

    def terms_of(self, agreement_id: str) -> AgreementFacts | None:
        record = self.agreements.get(agreement_id)
        return record.agreement if record else None


async def gather_basis(session: ReadSession, plan: PlanRow, psa: str) -> Basis:
    """Read the basis of a plan. `psa` is its name, for people."""
    scope = PlanScope.model_validate(plan.scope)
    desired = [DesiredAddition.model_validate(each) for each in await repository.list_desired(session, plan.id)]
    unsent = [UnsentLine.model_validate(each) for each in await repository.list_unsent(session, plan.id)]
    ended = await repository.list_ended(session, scope)
    twins = await additions.list_agreements_with_twins(session) if scope.is_whole_period else set()
    named = frozenset(scope.agreement_ids) | twins
    agreement_ids = {each.agreement_id for each in desired} | {each.agreement_id for each, _ in ended} | named
    agreements = {each.external_id: each for each in await find_agreements(session, agreement_ids)}
    desired.sort(key=lambda each: (each.organization, each.agreement, each.product, each.subscription, each.marker))
    endings = {}
    for each, subscription in ended:
        record = agreements.get(each.agreement_id)
        terms = record.agreement if record else None
        endings[each.marker] = plan_ending(plan.period, subscription.name, _end_of(subscription), terms, psa)
    return Basis(
        desired=desired,
        unsent=unsent,
        written=await additions.list_written(session, agreement_ids),
        unresolved=await additions.list_unresolved(session, agreement_ids),
        endings=endings,
        named_agreements=named,
        agreements=agreements,
        versions=await additions.read_versions(session, agreement_ids),
        last_day=days_of(plan.period)[1],
    )


def _end_of(subscription: MirrorRecord) -> str:
    return str(subscription.attributes.get("end") or "")[:10]
