"""Adds up lines that are alike: for the filter, for its facets, and for the whole month. Pure.

The filter is applied here to what facets count, because a facet counts what the filter leaves without itself.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from services.billing.lines.fields import FACETS, LineField, Operator
from services.billing.lines.filters import LineFilter
from services.billing.lines.grid.repository import Alike
from services.billing.lines.schemas import FacetValue, LineTotals, MonthTotals
from services.contracts.shapes import Tally
from services.contracts.vocabulary import HoldReason, LineStatus

NameT = TypeVar("NameT")
Part = tuple[Alike, int, Decimal]


def add_up(alike: Sequence[Alike], wanted: LineFilter) -> LineTotals:
    """Totals of the filter with the facets, and those of the month."""
    failing = [(each, _find_failing(each, wanted)) for each in alike]
    found = [(each, each.count, each.amount) for each, failed in failing if not failed and each.count]
    month = [(each, each.in_month, each.amount_in_month) for each in alike]
    if wanted.period is None:
        month = found
    facets = {
        field.name: _count_values(
            field,
            [(each, each.count, each.amount) for each, failed in failing if failed <= {field.name} and each.count],
        )
        for field in FACETS
    }
    return LineTotals(**_sum_states(found), month=MonthTotals(**_sum_states(month)), facets=facets)


def _find_failing(alike: Alike, wanted: LineFilter) -> set[str]:
    """The facets whose filter leaves these lines out."""
    failed = set()
    for member, value in wanted.given():
        field = member.field
        if field.is_facet and not _matches(_values(alike, field), field, member.operator, value):
            failed.add(field.name)
    return failed


def _matches(values: Sequence[str], field: LineField, operator: Operator, wanted: Any) -> bool:
    if operator is Operator.IS_EMPTY:
        return wanted is not any(values)
    many = wanted if isinstance(wanted, tuple) else (wanted,)
    known = {_spell(each) for each in many}
    if field.name == "currency":
        known = {each.upper() for each in known}
    is_any = not known.isdisjoint(values)
    return is_any if operator is Operator.ANY_OF else not is_any


def _values(alike: Alike, field: LineField) -> list[str]:
    value = alike.values[field.name]
    return [_spell(each) for each in value] if isinstance(value, list) else [_spell(value)]


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count_values(field: LineField, parts: Iterable[Part]) -> list[FacetValue]:
    counted = _sum(
        (value, each.values["currency"], count, amount)
        for each, count, amount in parts
        for value in _values(each, field)
    )
    return [
        FacetValue(value=value, lines=lines)
        for value, lines in sorted(counted.items(), key=lambda each: (-each[1].count, each[0]))
    ]


def _sum_states(parts: Sequence[Part]) -> dict[str, Any]:
    money = [(each, each.values["currency"], count, amount) for each, count, amount in parts]
    held = [part for part in money if part[0].values["status"] == LineStatus.HELD.value]
    return {
        "lines": sum(count for _, count, _ in parts),
        "amounts": _sum((None, *part[1:]) for part in money).get(None, Tally(count=0)).amounts,
        "by_status": _sum((LineStatus(each.values["status"]), *rest) for each, *rest in money),
        "hold_reasons": _sum(
            (HoldReason(reason), *rest) for each, *rest in held for reason in each.values["hold_reason"]
        ),
    }


def _sum(parts: Iterable[tuple[Any, ...]]) -> dict[Any, Tally]:
    """Tallies of (name, currency, lines, money)."""
    counts: dict[Any, int] = {}
    amounts: dict[Any, dict[str, Decimal]] = {}
    for name, currency, count, amount in parts:
        counts[name] = counts.get(name, 0) + count
        of_name = amounts.setdefault(name, {})
        of_name[currency] = of_name.get(currency, Decimal(0)) + amount
    return {name: Tally(count=counts[name], amounts=amounts[name]) for name in counts}
