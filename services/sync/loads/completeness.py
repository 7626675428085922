"""Whether a month is complete: only then does a charge that has not come say that it will not come. Pure.

A person can say so for all customers. Without that, a customer's month counts as complete once the billing day of all
its contracts has passed in it and its invoices, at least one, are all Verified or later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.contracts.periods import days_of
from services.contracts.shapes import MirrorRecord
from services.sync.loads.schemas import InvoiceState

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Invoiced:
    """An invoice as its latest load found it. `organization` is the receiver's name in its header."""

    organization_id: str
    """Empty where none of its rows could be read."""
    organization: str
    state: InvoiceState
    is_sendable: bool

    @property
    def is_proven(self) -> bool:
        return self.is_sendable and self.state is InvoiceState.ACCEPTED


def find_complete(
    period: str, invoices: Iterable[Invoiced], contracts: Iterable[MirrorRecord], today: date
) -> frozenset[str]:
    """The customers, by id, whose month is complete without anybody saying so.

    Args:
        period: YYYY-MM.
        contracts: of these customers, those in force.
    """
    ours = [each for each in invoices if each.state is not InvoiceState.NOT_OURS]
    proven = {each.organization_id for each in ours if each.is_proven}
    open_ids = {each.organization_id for each in ours if not each.is_proven}
    open_names = {each.organization for each in ours if not each.is_proven and not each.organization_id}
    named = {each.organization_id: each.organization for each in ours}
    passed: dict[str, bool] = {}
    for contract in contracts:
        if contract.parent_id:
            has_passed = _has_billed(period, contract, today)
            passed[contract.parent_id] = has_passed and passed.get(contract.parent_id, True)
    return frozenset(
        each for each in proven - open_ids if each and passed.get(each, False) and named[each] not in open_names
    )


def _has_billed(period: str, contract: MirrorRecord, today: date) -> bool:
    """Whether the billing day of a contract is over in the period; a day that nobody knows is not."""
    said = str(contract.attributes.get("billing_cycle_day") or "").strip()
    if not said.isdigit() or int(said) == 0:
        return False
    first, last = days_of(period)
    return today > min(first + (int(said) - 1) * ONE_DAY, last)
