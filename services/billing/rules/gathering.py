"""What a plan wants, with the additions that carry parts of several lines. Pure.

Such an addition is the sum of all its lines, whatever the plan is about: a plan of one line must not shrink it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.billing.rules.book import RateBook
from services.billing.rules.desired import Desire, Names, PlannedLine, covers, desire, forget_claimed
from services.billing.rules.gathered import Known
from services.billing.rules.remainders import Remainders, narrow
from services.billing.rules.usage import desire_group, group_usage
from services.contracts.shapes import PlanScope


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as billing is asked about it.

    Args:
        lines: every line of its month of the customers that it is about.
    """

    partner_id: UUID
    scope: PlanScope
    lines: Sequence[PlannedLine]

    @property
    def knows_all_charges(self) -> bool:
        """A plan of single lines or of a subscription does not know what else is charged on their agreements."""
        return not self.scope.line_ids and not self.scope.subscription_id


def desire_all(plan: Plan, book: RateBook, names: Names, usage: Known, rounding: Known) -> Desire:
    """Every line of a plan's scope as an addition to have, a part of one, or money that stays behind.

    Args:
        usage: gathered additions of the month that were sent, by marker.
        rounding: the same of what rounding left.
    """
    scope = plan.scope
    groups = group_usage(plan.partner_id, plan.lines, book, usage)
    gathered = {each.id for group in groups for each in group.lines}
    alone = [each for each in plan.lines if covers(scope, each) and each.id not in gathered]
    found = desire(plan.partner_id, alone, book, names)
    for group in groups:
        if any(covers(scope, each) for each in group.lines):
            desire_group(found, plan.partner_id, group, book, names, usage)
    if plan.knows_all_charges:
        meant = narrow(rounding, scope.organization_ids, scope.agreement_ids)
        found = Remainders(plan.partner_id, scope.period, plan.lines, book, names, meant).gather(found)
    return forget_claimed(found)
