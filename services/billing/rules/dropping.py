"""Which lines the partner's rules do not pass on. Pure.

Two rules, both off by default:

- Zero lines: a line that charges nothing.
- Prorations in the customer's favour: corrections that come to a credit. The marketplace bills prorations,
  cancellations, discounts and refunds alike as corrections, so nothing tells them apart. Detailed invoices split one
  change of seats into a credit for the old ones and a charge for the new ones, so the corrections of a subscription on
  an invoice are looked at together: all of them are dropped where they come to a credit, none where they do not. A
  dropped credit beside a charge that is passed on would bill the customer more than the change costs. Credits that
  people write on custom invoices always go.

What a person decided about a line stands above both. What was passed on before stays passed on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from services.billing.rules.line import Line
from services.contracts.charge_types import parse_charge_type
from services.contracts.invoicing.exact import ZERO
from services.contracts.vocabulary import ChargeType, DropRule

WORDS: dict[DropRule, str] = {
    DropRule.ZERO_LINES: 'dropped: it charges nothing, and the rule "Drop zero lines" is on',
    DropRule.FAVOURABLE_PRORATIONS: (
        "dropped: the corrections of its subscription on this invoice come to a credit, and the rule "
        '"Drop prorations in the customer\'s favour" is on'
    ),
}


class Group(NamedTuple):
    """What the corrections are that are looked at together."""

    invoice_id: str
    subscription_id: str


@dataclass(frozen=True, slots=True)
class Net:
    """The corrections of a group about which no person has decided."""

    total: Decimal = ZERO
    count: int = 0
    was_sent: bool = False
    """Any of them: what was begun is passed on whole, but for a single one that turns into a credit."""


@dataclass(frozen=True, slots=True)
class Dropping:
    """The rules in force, with what they have to know of other lines."""

    zero_lines: bool = False
    favourable_prorations: bool = False
    nets: Mapping[Group, Net] = field(default_factory=dict)

    def choose(self, line: Line) -> DropRule | None:
        """The rule that drops a line, whether it was sent or not; None where it may go."""
        if line.is_excluded is not None:
            return None
        if self.zero_lines and not line.total:
            return DropRule.ZERO_LINES
        if self.favourable_prorations and self._is_favourable(line):
            return DropRule.FAVOURABLE_PRORATIONS
        return None

    def _is_favourable(self, line: Line) -> bool:
        if not is_proration(line) or line.is_vanished or _was_credited(line):
            return False
        net = self.nets.get(group_of(line)) if line.subscription_id else None
        if net is None:
            return line.total < ZERO
        return net.total < ZERO and (net.count == 1 or not net.was_sent)


NOTHING_DROPPED = Dropping()


def is_proration(line: Line) -> bool:
    """Whether the marketplace corrects a subscription; what people write on custom invoices is meant as it is."""
    return parse_charge_type(line.charge_type) is ChargeType.CORRECTION and not line.is_custom


def group_of(line: Line) -> Group:
    return Group(line.invoice_id, line.subscription_id)


def _was_credited(line: Line) -> bool:
    """Whether a credit was passed on already; of what an older build sent nobody knows it."""
    return line.sent_fingerprint is not None and (line.sent_amount is None or line.sent_amount < ZERO)


def sum_groups(lines: Iterable[Line]) -> dict[Group, Net]:
    """The corrections of each group together, as they are in force."""
    found: dict[Group, list[Line]] = defaultdict(list)
    for line in lines:
        if is_proration(line) and not line.is_vanished and line.is_excluded is None:
            found[group_of(line)].append(line)
    return {
        group: Net(
            sum((each.total for each in corrections), ZERO),
            len(corrections),
            was_sent=any(each.sent_fingerprint is not None for each in corrections),
        )
        for group, corrections in found.items()
    }
