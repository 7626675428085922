"""What additions that were read back teach about the PSA: the decimals it keeps, and how it prorates. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import get_args

from services.contracts.invoicing.amounts import count_decimals
from services.contracts.invoicing.bills import bill_period
from services.contracts.invoicing.exact import EXACT, ONE
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.money import as_text
from services.contracts.shapes import AgreementFacts, DesiredAddition, ProrationRounds, PsaTraits
from services.sync.additions.values import differing_fields
from services.sync.connections.traits import Lesson
from services.sync.plans.schemas import WRITES
from services.sync.psas.addition import AdditionValues
from services.sync.pushes.proof import Proof, ReadBack

TRAIT_OF = {"unit_price": "price_decimals", "quantity": "quantity_decimals"}
FEWEST = {"unit_price": 2, "quantity": 0}
"""Decimals that may be learned. No tenant bills cents and keeps none of a price: that is a difference, no lesson."""
_WAYS = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)


def learn_decimals(proof: Proof) -> list[Lesson]:
    """How few decimals the PSA keeps, as far as nothing that this push has written was kept with more."""
    coarser = list_coarser(proof)
    lessons = (_learn_field(field, coarser, proof) for field in TRAIT_OF)
    return [lesson for lesson in lessons if lesson is not None]


def list_coarser(proof: Proof) -> list[ReadBack]:
    """Additions that hold what was sent with fewer decimals, and differ in nothing else."""
    return [read for read in proof.differing if read.row.desired is not None and _is_coarser(read)]


def _is_coarser(read: ReadBack) -> bool:
    sent, held = _sent(read), read.addition.values
    return all(
        field in TRAIT_OF and count_kept(getattr(sent, field), getattr(held, field)) is not None
        for field in differing_fields(sent, held)
    )


def count_kept(sent: Decimal, held: Decimal) -> int | None:
    """The most decimals that a PSA may keep which holds `held` of `sent`; None where rounding does not explain it."""
    for decimals in range(count_decimals(sent) - 1, -1, -1):
        step = ONE.scaleb(-decimals)
        if any(sent.quantize(step, rounding=way, context=EXACT) == held for way in _WAYS):
            return decimals
    return None


def _learn_field(field: str, coarser: Sequence[ReadBack], proof: Proof) -> Lesson | None:
    found = [
        (kept, read)
        for read in coarser
        if (kept := count_kept(getattr(_sent(read), field), getattr(read.addition.values, field))) is not None
        if getattr(_sent(read), field) != getattr(read.addition.values, field)
    ]
    if not found:
        return None
    kept, read = min(found, key=lambda each: each[0])
    finest = max(_decimals_held(field, proof), default=0)
    known: int = getattr(proof.traits, TRAIT_OF[field])
    if kept < max(FEWEST[field], finest) or kept >= known:
        return None
    sent, held = getattr(_sent(read), field), getattr(read.addition.values, field)
    return Lesson(TRAIT_OF[field], kept, read.addition.id, as_text(sent), as_text(held))


def _decimals_held(field: str, proof: Proof) -> Iterator[int]:
    """Of what this push has written; what was written before may stem from a time when more was kept."""
    for read in proof.proven.values():
        former = read.row.mending or read.row.before
        before = AdditionValues.model_validate(former) if former else None
        held = getattr(read.addition.values, field)
        if read.row.kind in WRITES and (before is None or getattr(before, field) != held):
            yield count_decimals(held)


def _sent(read: ReadBack) -> AdditionValues:
    return AdditionValues.model_validate(read.row.after)


@dataclass(frozen=True, slots=True)
class Prorated:
    """What the PSA shows for the period in which an addition begins, beside what was forecast."""

    read: ReadBack
    currency: str
    shown: Decimal
    forecast: Mapping[ProrationRounds, Decimal]

    def differs_from(self, rounds: ProrationRounds) -> bool:
        return self.shown != self.forecast[rounds]

    def describe(self, psa: str, rounds: ProrationRounds) -> str:
        shown, forecast = as_text(self.shown), as_text(self.forecast[rounds])
        said = f"{psa} shows {shown} {self.currency} for the period in which it begins; {forecast} was forecast."
        return f"Addition {self.read.addition.id} for {self.read.row.organization}: {said}"


def compare_prorated(proof: Proof, agreements: Mapping[str, AgreementFacts]) -> list[Prorated]:
    """Every addition that the PSA shows a prorated price of, where its agreement prorates and its periods are known."""
    terms = {
        (agreement_id, rounds): AgreementTerms(facts, proof.traits.model_copy(update={"proration_rounds": rounds}))
        for agreement_id, facts in agreements.items()
        if facts.is_prorated
        for rounds in get_args(ProrationRounds)
    }
    return [
        compared
        for read in proof.proven.values()
        if read.addition.prorated is not None and (read.addition.agreement_id, "amount") in terms
        if (compared := _compare(read, read.addition.prorated, terms)) is not None
    ]


def _compare(
    read: ReadBack, shown: Decimal, terms: Mapping[tuple[str, ProrationRounds], AgreementTerms]
) -> Prorated | None:
    if read.row.desired is None or read.addition.values.effective_date is None:
        return None
    desired = DesiredAddition.model_validate(read.row.desired)
    billed = read.addition.values.as_billed(desired.currency, desired.effective_date)
    forecast: dict[ProrationRounds, Decimal] = {}
    for rounds in get_args(ProrationRounds):
        each = terms[read.addition.agreement_id, rounds]
        period = each.period_of(billed.start)
        if period is None:
            return None
        forecast[rounds] = bill_period(billed, each, period)
    return Prorated(read, desired.currency, shown, forecast)


def learn_proration(compared: Sequence[Prorated], traits: PsaTraits) -> Lesson | None:
    """What is rounded, where what was taken for granted fails and the other way explains everything."""
    failing = [each for each in compared if each.differs_from(traits.proration_rounds)]
    for rounds in get_args(ProrationRounds):
        if failing and not any(each.differs_from(rounds) for each in compared):
            first = failing[0]
            forecast = as_text(first.forecast[traits.proration_rounds])
            return Lesson("proration_rounds", rounds, first.read.addition.id, forecast, as_text(first.shown))
    return None


def list_unexplained(compared: Iterable[Prorated], traits: PsaTraits) -> list[Prorated]:
    """Prorated prices that are not what was forecast."""
    return [each for each in compared if each.differs_from(traits.proration_rounds)]
