"""What the additions of an agreement are examined for. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from services.sync.additions.state import AgreementState
from services.sync.additions.twins import Twins, choose_kept, find_twins, name_twins
from services.sync.psas.addition import Addition


@dataclass(frozen=True, slots=True)
class Place:
    """An agreement of a customer, for people."""

    agreement_id: str
    customer: str
    agreement: str

    def __str__(self) -> str:
        return f"{self.customer}, {self.agreement}" if self.customer else self.agreement


@dataclass(frozen=True, slots=True)
class Finding:
    """Additions that carry one marker and may still bill, and which of them a plan would keep."""

    place: Place
    marker: str
    carriers: list[Addition]
    twins: Twins

    def describe(self) -> str:
        verb = "stops" if len(self.twins.others) == 1 else "stop"
        return (
            f"{self.place}: additions {name_twins(self.carriers)} carry the same marker {self.marker}. "
            f"The next plan offers the repair: addition {self.twins.kept.id} stays, because {self.twins.reason}, "
            f"and {name_twins(self.twins.others)} {verb} billing."
        )


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found on one agreement. `trouble` says why it could not be read; nothing else is known then."""

    place: Place
    additions: int = 0
    """Additions of ours that may still bill."""
    unreadable: int = 0
    findings: tuple[Finding, ...] = ()
    trouble: str = ""


def examine(state: AgreementState, markers: Collection[str], place: Place, next_invoice: date | None) -> Examined:
    """Look at one agreement.

    Args:
        markers: ours on this agreement.
        next_invoice: first day that is not invoiced yet.
    """
    if state.trouble:
        return Examined(place, trouble=state.trouble)
    findings = [
        Finding(place, marker, carriers, choose_kept(carriers, next_invoice))
        for marker, carriers in sorted(find_twins(state, markers).items())
    ]
    ours = [each for each in state.additions if each.marker in markers and state.is_present(each)]
    return Examined(place, len(ours), len(state.unreadable), tuple(findings))


def name_place(agreement_id: str, names: Mapping[str, str], mirrored: str) -> Place:
    """An agreement as our additions there name it, else as the PSA does."""
    return Place(agreement_id, names.get("organization", ""), names.get("agreement") or mirrored or agreement_id)
