"""What people say about charges that may be billed by hand: adopt, bill anyway, or billed already.

A decision is kept for every later plan and published for billing. It does not change operations of the plan that
asked: plans of its month are stale, and the next one follows it.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.contracts.shapes import HandBilled
from services.contracts.vocabulary import ByHand, PlanStatus
from services.kit.base.db import WriteSession
from services.kit.base.errors import Unprocessable
from services.kit.ledger.live import announce_after_commit
from services.sync.by_hand import repository
from services.sync.by_hand.compare import HandDecision
from services.sync.by_hand.findings import publish_noted
from services.sync.by_hand.models import PlanByHandRow
from services.sync.plans import repository as plans
from services.sync.plans.errors import PlanIsNotReady, PlanNotFound
from services.sync.plans.ground import shorten
from services.sync.plans.models import PlanRow
from services.sync.plans.schemas import ByHandEntry, HandDecisionIn, PlanOut
from services.sync.plans.service import describe

_SAID = {
    ByHand.ADOPT: "{who} said that addition {addition} becomes ours",
    ByHand.BILL: "{who} said that it is billed beside what was made by hand",
    ByHand.BILLED: "{who} said that it is billed by hand already",
}


class ChargeIsNotAskedAbout(Unprocessable):
    """A line that a decision names has no addition made by hand beside it in this plan."""

    action = "Decide about lines that the plan lists as billed by hand, each once."


class AdditionIsNotBeside(Unprocessable):
    """An addition that a decision names is not shown beside its line, or cannot be adopted for it."""

    action = "Choose one of the additions and choices that the plan shows beside the line."


async def decide_by_hand(session: WriteSession, plan_id: UUID, decisions: Sequence[HandDecisionIn]) -> PlanOut:
    """Take decisions about lines of a plan; all of them or none."""
    plan = await plans.lock_plan(session, plan_id)
    if plan is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    if plan.status in (PlanStatus.COMPUTING.value, PlanStatus.FAILED.value):
        raise PlanIsNotReady(f"The plan is {plan.status}.")
    asked = {each.line_id: each for each in decisions}
    rows = await repository.lock_entries(session, plan_id, asked)
    entries = {row.line_id: ByHandEntry.model_validate(row.entry) for row in rows if row.line_id}
    _check(decisions, entries)
    who = session.circumstances.actor.name
    decided = [_decide(asked[line_id], entry, who) for line_id, entry in entries.items()]
    _show(rows, {each.line_id: each for _, each in decided})
    await repository.keep_hand_decisions(session, plan_id, decided)
    noted = [_as_noted(each, entries[each.line_id]) for _, each in decided]
    await publish_noted(session, plan_id, plan.period, noted, is_decided=True)
    await _outdate(session, plan.period, who)
    await session.flush()
    return describe(plan)


def _check(decisions: Sequence[HandDecisionIn], entries: Mapping[UUID, ByHandEntry]) -> None:
    if len({each.line_id for each in decisions}) < len(decisions):
        raise ChargeIsNotAskedAbout("One line is decided about twice.")
    for each in decisions:
        entry = entries.get(each.line_id)
        if entry is None:
            raise ChargeIsNotAskedAbout(f"Line {each.line_id} has nothing made by hand beside it in this plan.")
        beside = {addition.addition_id for addition in entry.additions}
        if each.choice not in entry.choices or (each.addition_id and each.addition_id not in beside):
            raise AdditionIsNotBeside(f"Line {each.line_id} cannot be decided so.")


def _decide(asked: HandDecisionIn, entry: ByHandEntry, who: str) -> tuple[str, HandDecision]:
    addition_id = "" if asked.choice is ByHand.BILL else asked.addition_id
    said = _SAID[asked.choice].format(who=who, addition=addition_id)
    by = f" by addition {addition_id}" if asked.choice is ByHand.BILLED and addition_id else ""
    words = f"{said}{by}: {asked.reason}" if asked.reason else f"{said}{by}."
    if entry.line_id is None or entry.amount is None:
        raise ChargeIsNotAskedAbout("Nothing is charged.")
    decision = HandDecision(
        entry.line_id, entry.subscription_id, asked.choice, addition_id, entry.amount, words, who, asked.reason
    )
    return entry.agreement_id, decision


def _show(rows: Sequence[PlanByHandRow], decided: Mapping[UUID, HandDecision]) -> None:
    """The plan that asked shows what was said, until a newer one does."""
    for row in rows:
        if row.line_id is not None:
            each = decided[row.line_id]
            row.state = each.choice.value
            said = {"state": each.choice.value, "words": each.words}
            row.entry = {**row.entry, **said, "decided_by": each.decided_by, "reason": each.reason}


def _as_noted(decision: HandDecision, entry: ByHandEntry) -> HandBilled:
    return HandBilled(
        line_id=decision.line_id,
        state=decision.choice,
        charged=decision.charged,
        addition_id=decision.addition_id,
        words=decision.words,
        organization=entry.organization,
        currency=entry.currency,
    )


async def _outdate(session: WriteSession, period: str, who: str) -> None:
    said = f"{who} decided what was billed by hand."
    for each in await plans.list_unapplied(session, period):
        each.moved = shorten([*each.moved, said]) if said not in each.moved else each.moved
        _make_stale(each)
        announce_after_commit(session, "plan", describe(each))


def _make_stale(plan: PlanRow) -> None:
    if plan.status == PlanStatus.READY.value:
        plan.status = PlanStatus.STALE.value
