"""What pushes have seen of an addition: which lines it was sent for, and what it held when. Pure.

The journal of applied plans keeps both for good. With what an addition held while a billing period was not invoiced
yet, the period was billed; what it holds today says nothing about that. A PSA that invoices between a plan and its
push goes unseen here: the period then counts with what the push has written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.contracts.invoicing.bills import BilledAddition
from services.contracts.shapes import AgreementFacts, DesiredAddition
from services.contracts.vocabulary import OperationKind
from services.sync.psas.addition import AdditionValues


@dataclass(frozen=True, slots=True)
class Sighting:
    """One addition in one plan that was applied.

    Args:
        desired: None where an addition was ended.
        before: None where it was created.
        facts: of its agreement when the plan was computed; None where an older build computed it.
    """

    marker: str
    kind: OperationKind
    addition_id: str | None
    desired: DesiredAddition | None
    before: AdditionValues | None
    after: AdditionValues | None
    facts: AgreementFacts | None

    def precedes(self, first_day: date) -> bool:
        """Whether the billing period that begins on a day was certainly not invoiced yet."""
        if self.facts is None:
            return False
        return self.facts.next_invoice_date is None or self.facts.next_invoice_date <= first_day


@dataclass(frozen=True, slots=True)
class SentCharge:
    """A line as it was sent last on an addition, with the billing periods that bill it."""

    line_id: UUID
    invoice_id: str
    first: date
    last: date
    amount: Decimal


def find_charges(sightings: Iterable[Sighting]) -> list[SentCharge] | None:
    """The lines of one addition, in the order in which they were sent last; None where nobody knows their periods.

    What was frozen is left out: it repeats what was invoiced, true-ups included, and not what was charged.
    """
    found: dict[UUID, SentCharge] = {}
    for each in sightings:
        desired = each.desired
        if desired is None or desired.is_frozen:
            continue
        if desired.bills_from is None or desired.bills_through is None:
            return None
        found.pop(desired.line_id, None)
        found[desired.line_id] = SentCharge(
            desired.line_id, desired.invoice_id, desired.bills_from, desired.bills_through, desired.for_its_line
        )
    return list(found.values())


def find_invoiced_values(sightings: Sequence[Sighting], first_day: date) -> AdditionValues | None:
    """What an addition held when the billing period that begins on a day was invoiced; None where nobody knows.

    Args:
        sightings: of the addition, oldest first.
    """
    held: AdditionValues | None = None
    for each in sightings:
        if each.precedes(first_day):
            held = each.after
        elif held is not None and each.before is not None and _money(each.before) != _money(held):
            return None  # somebody else has changed it meanwhile, nobody knows when
        elif held is not None and each.facts is None and each.after is not None and _money(each.after) != _money(held):
            return None
        elif each.facts is not None:
            return held
    return held


def _money(values: AdditionValues) -> BilledAddition:
    """What decides about money, but for the last day: an end bills what comes before it as it was."""
    return values.model_copy(update={"cancelled_date": None}).as_billed("", date.min)
