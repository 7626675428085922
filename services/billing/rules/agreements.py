"""Which agreement a line goes to: a person's choice, the customer's choice, or the only one that fits.

Nothing is guessed: where two would do, the line is held until somebody chooses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.vocabulary import HoldReason

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class AgreementChoice:
    """The agreement, or why there is none; a chosen one that cannot take the line comes with the reason."""

    terms: AgreementTerms | None
    reason: HoldReason | None
    explanation: str


def accept_choice(terms: AgreementTerms | None, chosen_by: str, currency: str, psa: str) -> AgreementChoice:
    """A chosen agreement, whatever else would fit. None is one that the PSA, called `psa`, no longer has."""
    if terms is None:
        return AgreementChoice(None, HoldReason.AGREEMENT_MISSING, f"{chosen_by}, but {psa} no longer has it")
    if not _is_active(terms):
        words = f"{chosen_by}, but it is {terms.facts.status}"
        return AgreementChoice(terms, HoldReason.AGREEMENT_NOT_ACTIVE, words)
    if not _takes(terms, currency):
        words = f"{chosen_by}, but it bills in {terms.facts.currency}"
        return AgreementChoice(terms, HoldReason.CURRENCY_MISMATCH, words)
    return _check_cycle(terms, chosen_by)


def find_only_fit(candidates: Sequence[AgreementTerms], currency: str, preferred_type: str | None) -> AgreementChoice:
    """The one active agreement of a company that takes the currency; of several, the one of the preferred type."""
    steps: tuple[tuple[Callable[[AgreementTerms], bool], HoldReason, str], ...] = (
        (lambda terms: terms.is_recurring, HoldReason.AGREEMENT_MISSING, "the company has no agreement that recurs"),
        (_is_active, HoldReason.AGREEMENT_NOT_ACTIVE, "the company has no active agreement"),
        (lambda terms: _takes(terms, currency), HoldReason.CURRENCY_MISMATCH, f"no active agreement in {currency}"),
    )
    for fits, reason, words in steps:
        candidates = [terms for terms in candidates if fits(terms)]
        if not candidates:
            return AgreementChoice(None, reason, words)
    of_type = [terms for terms in candidates if terms.facts.type_id == preferred_type]
    candidates = of_type or candidates
    if len(candidates) > 1:
        names = ", ".join(sorted(terms.facts.name for terms in candidates))
        return AgreementChoice(None, HoldReason.AGREEMENT_AMBIGUOUS, f"several agreements would do: {names}")
    return _check_cycle(candidates[0], "the only agreement of the company that fits")


def _check_cycle(terms: AgreementTerms, chosen_by: str) -> AgreementChoice:
    if terms.has_known_cycle:
        return AgreementChoice(terms, None, chosen_by)
    cycle = terms.facts.billing_cycle
    trouble = f"nobody knows how long its billing cycle {cycle} is" if cycle.strip() else "it has no billing cycle"
    return AgreementChoice(terms, HoldReason.AGREEMENT_CYCLE_UNKNOWN, f"{chosen_by}, but {trouble}")


def _is_active(terms: AgreementTerms) -> bool:
    return terms.facts.status.casefold() == ACTIVE


def _takes(terms: AgreementTerms, currency: str) -> bool:
    own = terms.facts.currency
    return own is None or own.upper() == currency.upper()
