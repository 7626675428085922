"""The difference over all agreements of a plan: what should be there, and what bills without being named. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.contracts.periods import days_of
from services.contracts.shapes import DesiredAddition, UnsentLine
from services.sync.additions.models import UnresolvedCreate
from services.sync.additions.state import AgreementState
from services.sync.additions.written import Written
from services.sync.by_hand.settle import ByHandFindings, FirstLines, settle_by_hand
from services.sync.plans.basis import Basis
from services.sync.plans.diff import diff_agreement
from services.sync.plans.operation import Ending, Ground
from services.sync.plans.unclaimed import Findings, examine_unclaimed
from services.sync.psas.port import Psa


def diff_all(
    basis: Basis, states: Mapping[str, AgreementState], psa: Psa, now: datetime
) -> tuple[Findings, ByHandFindings]:
    """What every agreement needs, in the order of the desired additions; endings, closings, questions, repairs last.

    Beside it stands what people have billed by hand, and what is therefore not wanted.
    """
    wanted: dict[str, list[DesiredAddition]] = defaultdict(list)
    for each in basis.desired:
        wanted[each.agreement_id].append(each)
    held_back: dict[str, list[UnsentLine]] = defaultdict(list)
    for line in basis.unsent:
        if line.first_charge:
            held_back[line.first_charge.agreement_id].append(line)
    by_hand = ByHandFindings()
    written: dict[str, dict[str, Written]] = defaultdict(dict)
    for known in basis.written:
        written[known.agreement_id][known.marker] = known
    unresolved = explain_unresolved(basis.unresolved.values(), now, psa.list_lag, psa.traits.label)
    findings = Findings()
    for agreement_id, state in states.items():
        terms = basis.terms.get(agreement_id)
        ground = Ground(
            state=state,
            written=written[agreement_id],
            unresolved=unresolved,
            next_invoice=terms.open_from if terms else None,
            last_day=basis.last_day,
            as_held=psa.as_held,
            psa=psa.traits.label,
            terms=terms,
        )
        desired = wanted[agreement_id]
        if basis.first_period is not None:
            compared = settle_by_hand(_first_lines(basis, agreement_id, desired, held_back), ground, terms, by_hand)
            desired = compared.desired
            ground = replace(ground, adoptions=compared.adoptions, reserved=compared.reserved)
        endings, closings = _among(basis.endings, ground), _among(basis.closings, ground)
        findings.operations += diff_agreement(agreement_id, desired, endings, ground, closings)
        billing = [each for each in ground.written.values() if each.marker in basis.billing]
        unclaimed = examine_unclaimed(
            billing, terms, ground, basis.inquiry, state.trouble or _trouble(basis, agreement_id)
        )
        findings.operations += unclaimed.operations
        findings.expected += unclaimed.expected
    places = {each.marker: place for place, each in enumerate(basis.desired)}
    findings.operations.sort(key=lambda each: places.get(each.marker, len(places)) if each.desired else len(places))
    return findings, by_hand


def _first_lines(
    basis: Basis,
    agreement_id: str,
    desired: Sequence[DesiredAddition],
    held_back: Mapping[str, Sequence[UnsentLine]],
) -> FirstLines:
    return FirstLines(
        desired=desired,
        unsent=held_back.get(agreement_id, ()),
        decisions=basis.by_hand.get(agreement_id, ()),
        shows_all=basis.scope.is_whole_period,
        first_day=days_of(basis.scope.period)[0],
    )


def _among(endings: Mapping[str, Ending], ground: Ground) -> dict[str, Ending]:
    return {marker: each for marker, each in endings.items() if marker in ground.written}


def _trouble(basis: Basis, agreement_id: str) -> str:
    """Why nobody can say which periods of an agreement are invoiced."""
    record = basis.agreements.get(agreement_id)
    said = record.attributes.get("trouble") if record else None
    return f"What it bills cannot be told: {said}." if said else ""


def explain_unresolved(
    unresolved: Iterable[UnresolvedCreate], now: datetime, list_lag: timedelta, psa: str
) -> dict[str, str]:
    """Marker → why its create must not be repeated yet. Once lists show every write of that time, absence counts."""
    return {
        each.marker: (
            f"An earlier push sent this addition at {each.sent_at:%H:%M:%S} UTC and never learned whether it arrived. "
            f"{psa} may show it until {each.sent_at + list_lag:%H:%M:%S} UTC. Plan again after that."
        )
        for each in unresolved
        if now < each.sent_at + list_lag
    }
