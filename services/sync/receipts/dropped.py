"""What rules do not pass on, as differences between what AppXite charges and what will be billed. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from services.contracts.money import as_text, show_money
from services.contracts.vocabulary import DropRule, LineStatus
from services.sync.receipts.schemas import Difference, DifferenceKind, UnsentItem

RULE_NAMES: dict[DropRule, str] = {
    DropRule.ZERO_LINES: "Drop zero lines",
    DropRule.FAVOURABLE_PRORATIONS: "Drop prorations in the customer's favour",
}
"""As the settings screen has them."""
NEXT_STEP = "Nothing where this is meant; else include the line in Invoices, and plan again."


def list_dropped(unsent: Iterable[UnsentItem]) -> list[Difference]:
    """One difference for each dropped line that has money. Of a line of zero there is nothing to bill."""
    return [
        _describe(each, each.dropped_by)
        for each in unsent
        if each.status == LineStatus.DROPPED.value and each.dropped_by and each.amount
    ]


def _describe(item: UnsentItem, rule: DropRule) -> Difference:
    charged = show_money(item.amount, item.currency)
    name = f"{item.product or item.subscription or 'A line'} of {item.organization} on invoice {item.invoice_number}"
    return Difference(
        kind=DifferenceKind.DROPPED,
        organization=item.organization,
        organization_id=item.organization_id,
        agreement="",
        agreement_id="",
        addition_id=None,
        subscription=item.subscription,
        currency=item.currency,
        amount=-charged,
        charged=charged,
        expected=Decimal(0),
        reason=f'{name}, {as_text(charged)} {item.currency}, is dropped by rule: "{RULE_NAMES[rule]}".',
        next_step=NEXT_STEP,
    )
