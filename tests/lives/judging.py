"""Judges a life: every cent that was billed beside AppXite's charges of the lines sent was listed before. Pure.

The unit is one subscription. What ConnectWise billed from additions of ours for it, less what AppXite charges in the
end for its lines that were sent, must be covered to the cent by differences that receipts list for this very
subscription, with the right sign. Of one addition only the differences of one of a month's receipts count, because a
newer receipt of the month takes the place of the older one; one receipt may list several of an addition, each about
other billing periods. A difference counts only where its addition was billed after the receipt, or where the receipt
says that the money is invoiced already.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tests.lives.life import Life
from tests.lives.outcome import Left, Listed, Played

VANISHED = "vanished_from_invoice"
DROPPED = "dropped"
"""The kind of difference that names a line which a rule does not pass on: that is listed as not sent as well."""
AFTERWARDS = {"already_invoiced", "less"}
"""Kinds of difference that need no later bill: what is invoiced, and what is not billed."""
ZERO = Decimal(0)


@dataclass
class Verdict:
    """What is wrong with a life, in words, and how its differences were listed."""

    faults: list[str] = field(default_factory=list)
    explained: int = 0
    """Subscriptions that were billed something else than is charged, all of it listed."""
    noise: list[str] = field(default_factory=list)
    """Subscriptions whose newest receipts list other money than was billed beside the charges.

    Nothing of it is silent: an older receipt listed what came true. But people who read only the newest ones see money
    that nobody was billed, or miss a difference that was listed before.
    """


def judge(life: Life, played: Played) -> Verdict:
    """Whether every cent is billed or listed, no push failed, and no second plan writes."""
    verdict = Verdict()
    verdict.faults += [f"a push failed: {each}" for each in played.failures]
    verdict.faults += [f"the second plan is not empty: {each}" for each in played.second_plans]
    for subscription in sorted({row.subscription.capitalize() for row in life.rows_ever}):
        _judge_subscription(life, played, subscription, verdict)
    known = {row.subscription.capitalize() for row in life.rows_ever}
    strange = [each for each in played.bills if played.owners.get(each.marker) not in known]
    verdict.faults += [f"{each.amount:f} was billed from an addition of nobody: {each}" for each in strange]
    return verdict


def _judge_subscription(life: Life, played: Played, subscription: str, verdict: Verdict) -> None:
    rows = [row for row in life.rows_in_the_end if row.subscription.capitalize() == subscription]
    charged = sum((row.total for row in rows), ZERO)
    billed = sum((each.amount for each in played.bills if played.owners.get(each.marker) == subscription), ZERO)
    left = sum((each.amount for each in _left_behind(played, subscription)), ZERO)
    differs = billed - (charged - left)
    own = [each for each in played.differences if each.subscription == subscription and each.kind != DROPPED]
    listed = [each for each in own if _counts(each, played)]
    final = sum((each.amount for each in played.final_differences() if each in own), ZERO)
    sums = f"{subscription}: billed {billed:f}, charged {charged:f}, not sent {left:f}"
    if differs and differs not in sums_of(listed):
        spelled = [f"{each.kind} {each.amount:f} ({each.month}, {each.addition_id})" for each in listed]
        verdict.faults.append(f"{differs:+f} is silent. {sums}, listed {spelled}")
    elif differs:
        verdict.explained += 1
    if final != differs:
        verdict.noise.append(f"{sums}, listed in the end {final:f} instead of {differs:f}")


def _left_behind(played: Played, subscription: str) -> Iterator[Left]:
    """What the newest receipts name as charged and not sent; a vanished row is named, and charges nothing."""
    for items in played.left.values():
        yield from (each for each in items if each.subscription == subscription and VANISHED not in each.reasons)


def _counts(listed: Listed, played: Played) -> bool:
    """Whether it was listed before it was billed, or says itself that it was invoiced already."""
    if listed.kind in AFTERWARDS:
        return True
    return any(each.addition_id == listed.addition_id and each.time > listed.time for each in played.bills)


def sums_of(listed: Iterable[Listed]) -> set[Decimal]:
    """Every sum of differences, for each addition and month at most those of one receipt."""
    receipts: dict[tuple[str, str], dict[int, set[Decimal]]] = defaultdict(lambda: defaultdict(lambda: {ZERO}))
    for each in listed:
        sums = receipts[each.month, each.addition_id or each.agreement_id]
        sums[each.time] = sums[each.time] | {one + each.amount for one in sums[each.time]}
    found = {ZERO}
    for by_time in receipts.values():
        found = {one + amount for one in found for amounts in by_time.values() for amount in amounts}
    return found
