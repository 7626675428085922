"""Computing a plan: read every addition of the agreements concerned, take the difference, store it whole."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.contracts.money import as_text
from services.contracts.shapes import DesiredAddition, Tally
from services.contracts.vocabulary import OperationKind, PlanStatus
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger.work import JobContext
from services.sync.additions import repository as additions
from services.sync.additions.models import UnresolvedCreate
from services.sync.additions.reading import read_agreements
from services.sync.additions.state import AgreementState
from services.sync.additions.written import Written, known_values
from services.sync.plans import repository, service
from services.sync.plans.basis import Basis, gather_basis
from services.sync.plans.diff import diff_agreement
from services.sync.plans.ground import fingerprint, remember
from services.sync.plans.models import GroundRow, OperationRow
from services.sync.plans.operation import Ground, PlannedOperation
from services.sync.plans.schemas import WRITES, OperationStatus
from services.sync.psas.addition import Addition
from services.sync.psas.port import Psa
from services.sync.upstreams import Upstreams

SUPERSEDED = "A newer plan about the same was computed."


async def compute_plan(context: JobContext[Upstreams], plan_id: UUID) -> None:
    """Compute and store a plan; repeating is harmless.

    Raises:
        UpstreamError: the PSA does not answer.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        plan = await repository.find_plan(session, plan_id)
        if plan is None or plan.status != PlanStatus.COMPUTING.value:
            return
        psa = await context.resources.open_psa(session)
        basis = await gather_basis(session, plan, psa.traits.label)
    states = await read_agreements(psa, basis.agreement_ids, known_values(basis.written))
    operations = diff_all(basis, states, psa, clock.now())
    async with context.writing() as session:
        await _store(session, plan_id, basis, states, operations, psa)


def diff_all(basis: Basis, states: Mapping[str, AgreementState], psa: Psa, now: datetime) -> list[PlannedOperation]:
    """The operations of every agreement, in the order of the desired additions; endings and repairs come last."""
    wanted: dict[str, list[DesiredAddition]] = defaultdict(list)
    for each in basis.desired:
        wanted[each.agreement_id].append(each)
    written: dict[str, dict[str, Written]] = defaultdict(dict)
    for known in basis.written:
        written[known.agreement_id][known.marker] = known
    unresolved = explain_unresolved(basis.unresolved.values(), now, psa.list_lag, psa.traits.label)
    operations = []
    for agreement_id, state in states.items():
        terms = basis.terms_of(agreement_id)
        ground = Ground(
            state=state,
            written=written[agreement_id],
            unresolved=unresolved,
            next_invoice=terms.next_invoice_date if terms else None,
            last_day=basis.last_day,
            as_held=psa.as_held,
            psa=psa.traits.label,
        )
        endings = {marker: each for marker, each in basis.endings.items() if marker in written[agreement_id]}
        operations += diff_agreement(agreement_id, wanted[agreement_id], endings, ground)
    places = {each.marker: place for place, each in enumerate(basis.desired)}
    return sorted(operations, key=lambda each: places.get(each.marker, len(places)) if each.desired else len(places))


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


async def _store(
    session: WriteSession,
    plan_id: UUID,
    basis: Basis,
    states: Mapping[str, AgreementState],
    operations: Sequence[PlannedOperation],
    psa: Psa,
) -> None:
    plan = await repository.lock_plan(session, plan_id)
    if plan is None or plan.status != PlanStatus.COMPUTING.value:
        return
    written = {each.marker: each for each in basis.written}
    rows = [_operation_row(place, each, written) for place, each in enumerate(operations)]
    await repository.add_rows(session, OperationRow, plan_id, rows)
    readable = {agreement_id: state.additions for agreement_id, state in states.items() if not state.trouble}
    ground = [_ground_row(*each, basis) for each in readable.items()]
    await repository.add_rows(session, GroundRow, plan_id, ground)
    await repository.forget_desired(session, plan_id)
    await _resolve_creates(session, basis, states, clock.now() - psa.list_lag)
    kinds = Counter(each.kind.value for each in operations)
    plan.summary = {kind.value: kinds[kind.value] for kind in OperationKind}
    plan.amounts = _sum((each.currency, each.amount) for each in basis.desired)
    unsent = Tally(count=len(basis.unsent), amounts=_add((each.currency, each.amount) for each in basis.unsent))
    plan.unsent = unsent.model_dump(mode="json")
    pages = sum(psa.count_pages(len(found)) for found in readable.values())
    # One call for each write; every page of the agreements once before the writes and once after them.
    plan.calls_needed = sum(1 for each in operations if each.kind in WRITES) + 2 * pages
    plan.computed_at = clock.now()
    # What changed while it was computed may be missing in it.
    plan.status = (PlanStatus.STALE if plan.moved else PlanStatus.READY).value
    await repository.supersede(session, plan, SUPERSEDED)
    await service.publish_computed(session, plan)


async def _resolve_creates(
    session: WriteSession, basis: Basis, states: Mapping[str, AgreementState], shown_since: datetime
) -> None:
    """Forget creates that were found, and those that would be shown by now if they had arrived."""
    resolved = [
        marker
        for marker, create in basis.unresolved.items()
        if (state := states.get(create.agreement_id)) is not None and not state.trouble
        if state.carriers_of(marker) or create.sent_at < shown_since
    ]
    if resolved:
        known = max(basis.unresolved[marker].sent_at for marker in resolved)
        await additions.resolve_creates(session, resolved, known)


def _operation_row(place: int, each: PlannedOperation, known: Mapping[str, Written]) -> dict[str, Any]:
    desired, written = each.desired, known.get(each.marker)
    names = _names_of(desired) if desired else (dict(written.names) if written else {})
    currency = desired.currency if desired else (written.currency if written else "")
    held = each.before.total(currency) if each.before else Decimal(0)
    return {
        "id": new_id(),
        "position": place,
        "kind": each.kind.value,
        "status": (OperationStatus.FAILED if each.error else OperationStatus.PLANNED).value,
        "organization": names.get("organization", ""),
        "company": names.get("company", ""),
        "agreement": names.get("agreement", ""),
        "product": names.get("product", ""),
        "subscription": names.get("subscription", ""),
        "agreement_id": each.agreement_id,
        "addition_id": each.addition_id,
        "marker": each.marker,
        "line_id": desired.line_id if desired else None,
        "currency": currency,
        "amount": desired.amount if desired else held,
        "desired": desired.model_dump(mode="json") if desired else None,
        "before": each.before.as_json() if each.before else None,
        "after": each.after.as_json() if each.after else None,
        "explanation": each.explanation,
        "warnings": each.warnings,
        "error": each.error,
    }


def _names_of(desired: DesiredAddition) -> dict[str, str]:
    return desired.model_dump(include={"organization", "company", "agreement", "product", "subscription"})


def _ground_row(agreement_id: str, found: Sequence[Addition], basis: Basis) -> dict[str, Any]:
    record = basis.agreements.get(agreement_id)
    return {
        "agreement_id": agreement_id,
        "agreement": record.name if record else agreement_id,
        "fingerprint": fingerprint(found),
        "additions": remember(found),
        "version": basis.versions.get(agreement_id, ""),
    }


def _add(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for currency, amount in amounts:
        total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def _sum(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, str]:
    return {currency: as_text(amount) for currency, amount in _add(amounts).items()}
