"""Computing a plan: read every addition of the agreements concerned, take the difference, store it whole."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.contracts.money import as_text
from services.contracts.shapes import DesiredAddition, Tally, UnsentLine, tally_singles
from services.contracts.vocabulary import LineStatus, OperationKind, PlanStatus
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.additions import repository as additions
from services.sync.additions.reading import read_agreements
from services.sync.additions.state import AgreementState
from services.sync.additions.written import Written, known_values
from services.sync.by_hand.findings import store_by_hand
from services.sync.by_hand.invoices import name_invoices
from services.sync.by_hand.settle import ByHandFindings, summarize, without_by_hand
from services.sync.plans import repository, service
from services.sync.plans.basis import Basis, gather_basis
from services.sync.plans.difference import diff_all
from services.sync.plans.models import ExpectedRow, GroundRow, OperationRow
from services.sync.plans.operation import PlannedOperation
from services.sync.plans.rows import expected_row, ground_row, operation_row
from services.sync.plans.schemas import WRITES
from services.sync.plans.unclaimed import Findings
from services.sync.psas.port import Psa
from services.sync.upstreams import Upstreams

_MEANT_TO_STAY = (LineStatus.BILLED_BEFORE, LineStatus.DROPPED)
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
        basis = await gather_basis(session, plan, psa.traits)
    next_invoices = {key: day for key, each in basis.terms.items() if (day := each.facts.next_invoice_date)}
    states = await read_agreements(psa, basis.agreement_ids, known_values(basis.written), next_invoices)
    findings, by_hand = diff_all(basis, states, psa, clock.now())
    await name_invoices(psa, by_hand)
    async with context.writing() as session:
        await _store(session, plan_id, without_by_hand(basis, by_hand), states, findings, by_hand, psa)


async def _store(
    session: WriteSession,
    plan_id: UUID,
    basis: Basis,
    states: Mapping[str, AgreementState],
    findings: Findings,
    by_hand: ByHandFindings,
    psa: Psa,
) -> None:
    plan = await repository.lock_plan(session, plan_id)
    if plan is None or plan.status != PlanStatus.COMPUTING.value:
        return
    written = {each.marker: each for each in basis.written}
    rows = [operation_row(place, each, written) for place, each in enumerate(findings.operations)]
    await repository.add_rows(session, OperationRow, plan_id, rows)
    await repository.add_rows(session, ExpectedRow, plan_id, [expected_row(each) for each in findings.expected])
    readable = {agreement_id: state.additions for agreement_id, state in states.items() if not state.trouble}
    ground = [ground_row(*each, basis) for each in readable.items()]
    await repository.add_rows(session, GroundRow, plan_id, ground)
    await repository.forget_desired(session, plan_id)
    await additions.record_charges(session, _find_new_charges(findings.operations, written))
    await _resolve_creates(session, basis, states, clock.now() - psa.list_lag)
    kinds = Counter(each.kind.value for each in findings.operations)
    plan.summary = {kind.value: kinds[kind.value] for kind in OperationKind}
    plan.amounts = _sum((each.currency, each.for_its_line) for each in basis.desired)
    plan.marked_up = _sum((each.currency, each.marked_up) for each in basis.desired if each.marked_up)
    plan.unsent = _tally(each for each in basis.unsent if each.status not in _MEANT_TO_STAY)
    plan.dropped = _tally(each for each in basis.unsent if each.status is LineStatus.DROPPED)
    plan.by_hand = summarize(by_hand.entries, basis.unsent).model_dump(mode="json")
    await store_by_hand(session, plan, by_hand)
    plan.singles = tally_singles(basis.desired).model_dump(mode="json")
    pages = sum(psa.count_pages(len(found)) for found in readable.values())
    # One call for each write; every page of the agreements once before the writes and once after them.
    plan.calls_needed = sum(1 for each in findings.operations if each.kind in WRITES) + 2 * pages
    plan.invoices_unread = basis.invoices_unread
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


def _find_new_charges(operations: Iterable[PlannedOperation], written: Mapping[str, Written]) -> list[DesiredAddition]:
    """Lines whose addition is as it should be, and that is not known yet to stand behind it.

    Nothing is pushed for them, so this is where a month without a change is noted.
    """
    return [
        each.desired
        for each in operations
        if each.kind is OperationKind.NONE and each.desired is not None and not each.error
        if not each.desired.is_frozen and (known := written.get(each.marker)) is not None
        if (known.line_id, known.charged_through, known.charged_in) != _charge_of(each.desired)
    ]


def _charge_of(desired: DesiredAddition) -> tuple[UUID, date | None, str]:
    return desired.line_id, desired.bills_through, desired.period


def _tally(left: Iterable[UnsentLine]) -> dict[str, Any]:
    return Tally.of((each.currency, each.amount) for each in left).model_dump(mode="json")


def _add(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for currency, amount in amounts:
        total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def _sum(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, str]:
    return {currency: as_text(amount) for currency, amount in _add(amounts).items()}
