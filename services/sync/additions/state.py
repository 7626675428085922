"""What one agreement was found to hold. Pure."""

from dataclasses import dataclass, field
from datetime import date

from services.sync.psas.addition import Addition
from services.sync.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class AgreementState:
    """What one agreement holds right now."""

    additions: list[Addition] = field(default_factory=list)
    """Oldest first, as the PSA lists them; those that its list did not show come last."""
    unreadable: list[Unreadable] = field(default_factory=list)
    gone: frozenset[str] = frozenset()
    """Ids of additions of ours that the PSA no longer has."""
    trouble: str = ""
    """Why the agreement could not be read, as a sentence; everything else is empty then."""
    next_invoice: date | None = None
    """First day that is not invoiced yet; None where nothing ever was. An end before it is history."""

    def carriers_of(self, marker: str) -> list[Addition]:
        """The additions that carry a marker: those that may still bill, or the newest of those that have ended."""
        carriers = [each for each in self.additions if each.marker == marker]
        return [each for each in carriers if self.is_present(each)] or carriers[-1:]

    def is_present(self, addition: Addition) -> bool:
        """Whether an addition is open, or ends in a billing period that is not invoiced yet."""
        return addition.values.bills_after(self.next_invoice)

    def find(self, addition_id: str) -> Addition | None:
        """The addition of this id."""
        return next((each for each in self.additions if each.id == addition_id), None)

    def may_hide(self, marker: str) -> bool:
        """Whether an addition that could not be read may be the one that carries this marker."""
        return any(marker in each.raw for each in self.unreadable)
