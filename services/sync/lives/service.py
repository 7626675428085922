"""Telling the life of a line's addition, from the journal of pushes and the agreement as last read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.vocabulary import OperationKind
from services.kit.base import clock
from services.kit.base.db import ReadSession
from services.sync.additions.written import Written
from services.sync.lives import repository
from services.sync.lives.errors import NothingWritten
from services.sync.lives.periods import Known, is_shortened, list_life_periods
from services.sync.lives.schemas import LifeAddition, LifeKind, LifeOut, LifePeriod, LifeState
from services.sync.lives.sightings import Sighting
from services.sync.mirrors.repository import find_agreements
from services.sync.psas.port import Psa

NO_AGREEMENT = "Nobody knows the terms of the agreement. Synchronize organizations."
NO_PERIODS = "The billing periods of the agreement ({cycle}) are not known."


@dataclass(frozen=True, slots=True)
class Asked:
    """The line that somebody looks at; its agreement and subscription as billing knows them."""

    line_id: UUID
    agreement_id: str
    subscription_id: str


@dataclass(frozen=True, slots=True)
class Life:
    """Additions of ours on one agreement, each with what pushes have seen of it."""

    written: Sequence[Written]
    sightings: Mapping[str, Sequence[Sighting]]
    terms: AgreementTerms | None
    asked: Asked


async def tell_life(session: ReadSession, asked: Asked, psa: Psa) -> LifeOut:
    """Every addition that has carried the line, or carries its subscription on the same agreement."""
    written = await repository.list_additions(session, asked.line_id, asked.subscription_id)
    sightings: dict[str, list[Sighting]] = defaultdict(list)
    for each in await repository.list_sightings(session, {known.marker for known in written}):
        sightings[each.marker].append(each)
    agreement_id = _choose_agreement(written, sightings, asked)
    on_agreement = [each for each in written if each.agreement_id == agreement_id]
    record = next(iter(await find_agreements(session, [agreement_id])), None)
    facts = record.agreement if record else None
    life = Life(on_agreement, sightings, AgreementTerms(facts, psa.traits) if facts else None, asked)
    shown = _choose_additions(life)
    if not shown:
        raise NothingWritten("Nothing was ever written for this line.")
    invoices = {each.desired.invoice_id for one in shown for each in sightings[one.marker] if each.desired}
    numbers = await repository.find_invoice_numbers(session, invoices)
    newest = shown[-1]
    return LifeOut(
        agreement_id=agreement_id,
        agreement=record.name if record else newest.names.get("agreement", ""),
        link=psa.link_to_agreement(agreement_id),
        currency=newest.currency,
        today=clock.today(),
        next_invoice_date=facts.next_invoice_date if facts else None,
        is_shortened=any(is_shortened(known) for each in shown if (known := _know(life, each, numbers))),
        additions=[_describe(life, each, numbers) for each in shown],
    )


def _choose_agreement(written: Sequence[Written], sightings: Mapping[str, Sequence[Sighting]], asked: Asked) -> str:
    """Where the line was sent; else where it goes, where its subscription is carried there already."""
    carrying = [each for each in written if _carries(sightings.get(each.marker, ()), each, asked)]
    here = [each for each in written if each.agreement_id == asked.agreement_id]
    found = [*carrying, *here, *written]
    return found[0].agreement_id if found else asked.agreement_id


def _carries(sightings: Sequence[Sighting], written: Written, asked: Asked) -> bool:
    sent = any(each.desired is not None and each.desired.line_id == asked.line_id for each in sightings)
    return sent or written.line_id == asked.line_id


def _choose_additions(life: Life) -> list[Written]:
    """The segments where a persistent addition carries the line or nothing does yet; else what carries it.

    True-ups stand after the addition that they correct.
    """
    corrects = {each.marker: _corrects(life.sightings.get(each.marker, ())) for each in life.written}
    main = [each for each in life.written if not corrects[each.marker]]
    own = [each for each in main if _carries(life.sightings.get(each.marker, ()), each, life.asked)]
    segments = [each for each in main if each.is_recurring]
    chosen = [each for each in own if not each.is_recurring]
    if not chosen or any(each.is_recurring for each in own):
        chosen = segments + chosen
    chosen.sort(key=_start_of)
    true_ups = sorted((each for each in life.written if corrects[each.marker]), key=_start_of)
    return [
        shown for each in chosen for shown in (each, *(one for one in true_ups if corrects[one.marker] == each.marker))
    ]


def _start_of(written: Written) -> tuple[object, ...]:
    return written.values.effective_date or written.wanted_effective_date, written.written_at


def _corrects(sightings: Sequence[Sighting]) -> str:
    return next((each.desired.corrects for each in sightings if each.desired), "")


def _know(life: Life, written: Written, numbers: Mapping[str, str]) -> Known | None:
    if life.terms is None:
        return None
    return Known(written, _own(life, written), life.terms, clock.today(), numbers)


def _own(life: Life, written: Written) -> list[Sighting]:
    """A twin that was ended under the same marker is another addition."""
    return [
        each
        for each in life.sightings.get(written.marker, ())
        if each.desired is not None or each.addition_id == written.addition_id
    ]


def _describe(life: Life, written: Written, numbers: Mapping[str, str]) -> LifeAddition:
    sightings, values = _own(life, written), written.values
    corrected = _corrects(sightings)
    periods, words = _list_periods(_know(life, written, numbers))
    return LifeAddition(
        addition_id=written.addition_id,
        kind=_kind_of(written, corrected),
        segment=_count_segment(life, written) if written.is_recurring else None,
        corrects=next((each.addition_id for each in life.written if each.marker == corrected), "") if corrected else "",
        is_of_line=_carries(sightings, written, life.asked),
        is_adopted=any(each.kind is OperationKind.ADOPT for each in sightings),
        state=_state_of(written),
        starts_on=values.effective_date or written.wanted_effective_date,
        last_billed_day=values.cancelled_date,
        product=written.names.get("product", ""),
        quantity=values.quantity,
        unit_price=values.unit_price,
        bill_option=values.bill_option,
        periods=periods,
        words=words,
    )


def _list_periods(known: Known | None) -> tuple[list[LifePeriod], str]:
    if known is None:
        return [], NO_AGREEMENT
    periods = list_life_periods(known)
    if periods is None:
        return [], NO_PERIODS.format(cycle=known.terms.facts.billing_cycle)
    return periods, ""


def _kind_of(written: Written, corrected: str) -> LifeKind:
    if corrected:
        return LifeKind.TRUE_UP
    return LifeKind.SEGMENT if written.is_recurring else LifeKind.ONE_TIME


def _count_segment(life: Life, written: Written) -> int:
    """Segments follow each other, so their starts give the numbers that billing has given them."""
    segments = sorted((each for each in life.written if each.is_recurring), key=_start_of)
    return segments.index(written) + 1


def _state_of(written: Written) -> LifeState:
    if written.is_gone:
        return LifeState.GONE
    end = written.values.cancelled_date
    return LifeState.ENDED if end is not None and end < clock.today() else LifeState.OPEN
