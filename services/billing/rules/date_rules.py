"""Date rules: from the rule an administrator chose to a calendar day, or to None where it cannot be computed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from services.billing.rules.model import DateRule, DateRuleKind
from services.contracts.invoicing.periods import add_days, add_months

_WORDS = {
    DateRuleKind.AS_INVOICED: "as invoiced",
    DateRuleKind.FIRST_DAY_OF_MONTH: "first day of the invoice month",
    DateRuleKind.LAST_DAY_OF_MONTH: "last day of the invoice month",
    DateRuleKind.FIRST_DAY_OF_NEXT_MONTH: "first day of the month after the invoice",
    DateRuleKind.BILLING_CYCLE_DAY: "billing-cycle day of the contract",
    DateRuleKind.NEXT_INVOICE_DATE: "next invoice date of the agreement",
    DateRuleKind.OPEN_ENDED: "open-ended",
}


@dataclass(frozen=True, slots=True)
class DatePolicy:
    """A date rule with its words, made once for many lines."""

    rule: DateRule
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days a rule can count from."""

    invoiced: date
    source: date | None
    billing_day: int | None
    next_invoice: date | None


def make_policy(rule: DateRule | None) -> DatePolicy | None:
    """A rule with its words: "rule: day 15 of the invoice month, 2 days later"."""
    if rule is None:
        return None
    words = f"day {rule.day} of the invoice month" if rule.day else _WORDS[rule.kind]
    moves = [_count(rule.offset_months, "month"), _count(rule.offset_days, "day")]
    return DatePolicy(rule, ", ".join(["rule: " + words, *filter(None, moves)]), rule.kind is DateRuleKind.OPEN_ENDED)


def _count(offset: int, unit: str) -> str:
    if not offset:
        return ""
    return f"{abs(offset)} {unit}{'s' if abs(offset) > 1 else ''} {'later' if offset > 0 else 'earlier'}"


def apply_rule(rule: DateRule, anchors: Anchors) -> date | None:
    """The day a rule comes to; None where what it counts from is unknown, and for an open end."""
    day = _BASES[rule.kind](rule, anchors)
    if day is None:
        return None
    if rule.offset_months:
        day = add_months(day, rule.offset_months)
    return add_days(day, rule.offset_days) if rule.offset_days else day


def day_of_month(month: date, day: int) -> date:
    """A day of the month that `month` lies in; its last day where the month is shorter."""
    first = month.replace(day=1)
    return min(first + timedelta(days=day - 1), add_months(first, 1) - timedelta(days=1))


def _billing_day(_: DateRule, anchors: Anchors) -> date | None:
    return day_of_month(anchors.invoiced, anchors.billing_day) if anchors.billing_day else None


_BASES: dict[DateRuleKind, Callable[[DateRule, Anchors], date | None]] = {
    DateRuleKind.AS_INVOICED: lambda _, anchors: anchors.source,
    DateRuleKind.FIRST_DAY_OF_MONTH: lambda _, anchors: anchors.invoiced.replace(day=1),
    DateRuleKind.LAST_DAY_OF_MONTH: lambda _, anchors: day_of_month(anchors.invoiced, 31),
    DateRuleKind.FIRST_DAY_OF_NEXT_MONTH: lambda _, anchors: add_months(anchors.invoiced.replace(day=1), 1),
    DateRuleKind.BILLING_CYCLE_DAY: _billing_day,
    DateRuleKind.NEXT_INVOICE_DATE: lambda _, anchors: anchors.next_invoice,
    DateRuleKind.FIXED_DAY: lambda rule, anchors: day_of_month(anchors.invoiced, rule.day or 1),
    DateRuleKind.OPEN_ENDED: lambda _rule, _anchors: None,
}
