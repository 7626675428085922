"""What a plan knows of one agreement, and what it says of one addition. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import DecisionChoice, OperationKind, UndecidedCause
from services.sync.additions.adoption import is_hand_made
from services.sync.additions.state import AgreementState
from services.sync.additions.values import describe_difference
from services.sync.additions.written import Written
from services.sync.psas.addition import Addition, AdditionValues


@dataclass(frozen=True, slots=True)
class Ending:
    """An addition of ours that bills no more, and the last day it may bill."""

    last_billed_day: date
    explanation: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that decides about one agreement besides what it should hold.

    Args:
        written: marker → what we last wrote under it.
        unresolved: marker → why nobody knows yet whether an earlier create of it arrived.
        next_invoice: first day that is not invoiced yet.
        last_day: of the period.
        as_held: values as the PSA will keep them.
        psa: its name, for people.
        adoptions: marker → the addition made by hand that it takes over, since a first period is set.
        reserved: ids of additions made by hand that stand for other charges.
    """

    state: AgreementState
    written: Mapping[str, Written]
    unresolved: Mapping[str, str]
    next_invoice: date | None
    last_day: date
    as_held: Callable[[AdditionValues], AdditionValues]
    psa: str
    adoptions: Mapping[str, Addition] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    terms: AgreementTerms | None = None

    def waits_for_invoice(self, marker: str) -> bool:
        """Whether the next invoice bills what our addition has not been billed for in periods that are invoiced."""
        last = self.written.get(marker)
        return last is not None and last.waits_for_invoice(self.terms)

    def find_next_invoice(self, marker: str) -> date | None:
        """First day for which our addition was not invoiced; None where it never was."""
        return None if self.waits_for_invoice(marker) else self.next_invoice

    def find_carriers(self, marker: str) -> list[Addition]:
        """Those that carry a marker and may still bill; else the one we wrote under it, whatever became of it since."""
        found = self.state.carriers_of(marker)
        if any(self.state.is_present(each) for each in found):
            return found
        last = self.written.get(marker)
        known = self.state.find(last.addition_id) if last else None
        return [known] if known else found

    def list_hand_made(self) -> list[Addition]:
        """Open additions without any serial number that we never wrote."""
        return [each for each in self.list_unmarked() if is_hand_made(each)]

    def list_unmarked(self) -> list[Addition]:
        """The same, with those that have ended."""
        ours = {each.addition_id for each in self.written.values()}
        return [each for each in self.state.additions if not each.marker and each.id not in ours]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person or a rule decided about an addition that bills without a charge."""

    choice: DecisionChoice
    reason: str
    decided_by: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An addition that bills without a charge: why, the values with which it bills no more, and what was decided."""

    cause: UndecidedCause
    ending: AdditionValues
    chosen: Choice | None = None


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """What one addition needs. An `error` means that nothing may be written before a person has looked."""

    kind: OperationKind
    agreement_id: str
    marker: str
    desired: DesiredAddition | None
    addition_id: str | None
    before: AdditionValues | None
    after: AdditionValues | None
    explanation: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str = ""
    will_bill: Decimal | None = None
    """What billing periods of the plan bill for it without a charge; None where that is not known, or not asked."""
    question: Question | None = None
    """Of an addition that bills without a charge, whether decided or not."""


def see_drift(before: AdditionValues, last: Written | None, ground: Ground) -> list[str]:
    if last is None or not (phrases := describe_difference(last.values, before)):
        return []
    return [f"Changed in {ground.psa} since we wrote it on {last.written_at.date()}: {'; '.join(phrases)}."]
