"""Refuses rules by which a charge would end before it starts: every line of the type would be held.

Only a pair of rules that both count from the invoice month can be judged without a line. Saved rules are not asked
again, so that a check added later breaks nobody's installation.
"""

from datetime import date

from services.billing.rules.date_rules import Anchors, apply_rule, make_policy
from services.billing.rules.model import BillingRules, DateRule, DateRuleKind
from services.billing.rules.names import DISPLAY_NAMES

_OF_THE_MONTH = frozenset(
    {
        DateRuleKind.FIRST_DAY_OF_MONTH,
        DateRuleKind.LAST_DAY_OF_MONTH,
        DateRuleKind.FIRST_DAY_OF_NEXT_MONTH,
        DateRuleKind.FIXED_DAY,
    }
)
_MONTHS = [date(year, month, 1) for year in (2027, 2028) for month in range(1, 13)]  # one year of them is a leap year


def refuse_reversed_dates(rules: BillingRules) -> BillingRules:
    """The rules, where no charge ends before it starts.

    Raises:
        ValueError: some would; the sentence names the charge type and both rules.
    """
    _refuse_pair("", rules.charge_start, rules.charge_end)
    for charge_type, own in rules.by_charge_type.items():
        start, end = own.charge_start or rules.charge_start, own.charge_end or rules.charge_end
        _refuse_pair(f"{DISPLAY_NAMES[charge_type]}: ", start, end)
    return rules


def _refuse_pair(of_type: str, start: DateRule | None, end: DateRule | None) -> None:
    if start is None or end is None or not {start.kind, end.kind} <= _OF_THE_MONTH:
        return
    for month in _MONTHS:
        first, last = _apply(start, month), _apply(end, month)
        if last < first:
            days = f"in {month:%B} from {first.day} {first:%B} to {last.day} {last:%B}"
            cause = f"start by {_spell(start)}, end by {_spell(end)}"
            message = f"{of_type}the charge would end before it starts: {days} ({cause})"
            raise ValueError(message)


def _apply(rule: DateRule, month: date) -> date:
    return apply_rule(rule, Anchors(month, None, None, None)) or month


def _spell(rule: DateRule) -> str:
    policy = make_policy(rule)
    return policy.words if policy else ""
