"""Computing a plan: read every addition of the agreements concerned, take the difference, store it whole."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.contracts.money import as_text
from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts, DesiredAddition, MirrorRecord, Tally, UnsentLine
from services.contracts.vocabulary import OperationKind, PlanStatus
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger.work import JobContext
from services.sync.mirrors.repository import find_agreements
from services.sync.plans import repository, service
from services.sync.plans.abreast import read_additions
from services.sync.plans.cancellation import plan_ending
from services.sync.plans.diff import Ending, PlannedOperation, Written, diff_agreement
from services.sync.plans.ground import fingerprint, remember
from services.sync.plans.models import GroundRow, OperationRow, PlanRow, WrittenRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.channel import PAGE_SIZE
from services.sync.psas.connectwise.models import Addition
from services.sync.upstreams import Upstreams

WRITES = (OperationKind.CREATE, OperationKind.UPDATE, OperationKind.CANCEL, OperationKind.ADOPT)
SUPERSEDED = "A newer plan of this period was computed."


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything a plan is computed from, except what ConnectWise holds right now."""

    desired: list[DesiredAddition]
    unsent: list[UnsentLine]
    written: Mapping[str, WrittenRow]
    endings: Mapping[str, Ending]
    agreements: Mapping[str, MirrorRecord]
    last_day: date
    """Of the period."""

    @property
    def agreement_ids(self) -> set[str]:
        return {each.agreement_id for each in self.desired} | {
            self.written[marker].agreement_id for marker in self.endings
        }


async def compute_plan(context: JobContext[Upstreams], plan_id: UUID) -> None:
    """Compute and store a plan; repeating is harmless."""
    async with context.reading() as session:
        plan = await repository.find_plan(session, plan_id)
        if plan is None or plan.status != PlanStatus.COMPUTING.value:
            return
        basis = await _gather(session, plan)
        client = await context.resources.open_connectwise(session)
    actual = await read_additions(client, basis.agreement_ids)
    operations = diff_all(basis, actual)
    async with context.writing() as session:
        await _store(session, plan_id, basis, actual, operations)


async def _gather(session: ReadSession, plan: PlanRow) -> Basis:
    desired = [DesiredAddition.model_validate(each) for each in await repository.list_desired(session, plan.id)]
    unsent = [UnsentLine.model_validate(each) for each in await repository.list_unsent(session, plan.id)]
    ended = await repository.list_ended(session, plan.period)
    agreement_ids = {each.agreement_id for each in desired} | {row.agreement_id for row, _ in ended}
    written = {row.marker: row for row in await repository.list_written(session, agreement_ids)}
    agreements = {each.external_id: each for each in await find_agreements(session, agreement_ids)}
    endings = {
        row.marker: plan_ending(
            plan.period, subscription.name, _end_of(subscription), _facts(agreements, row.agreement_id)
        )
        for row, subscription in ended
    }
    desired.sort(key=lambda each: (each.organization, each.agreement, each.product, each.subscription, each.marker))
    return Basis(desired, unsent, written, endings, agreements, days_of(plan.period)[1])


def _end_of(subscription: MirrorRecord) -> str:
    return str(subscription.attributes.get("end") or "")[:10]


def _facts(agreements: Mapping[str, MirrorRecord], agreement_id: str) -> AgreementFacts | None:
    record = agreements.get(agreement_id)
    return record.agreement if record else None


def diff_all(basis: Basis, actual: Mapping[str, list[Addition]]) -> list[PlannedOperation]:
    """The operations of every agreement, in the order of the desired additions, endings last."""
    wanted: dict[str, list[DesiredAddition]] = defaultdict(list)
    for each in basis.desired:
        wanted[each.agreement_id].append(each)
    last = {marker: _as_written(row) for marker, row in basis.written.items()}
    operations = []
    for agreement_id, additions in actual.items():
        ending = {
            marker: each for marker, each in basis.endings.items() if basis.written[marker].agreement_id == agreement_id
        }
        operations += diff_agreement(wanted[agreement_id], additions, last, ending, basis.last_day)
    places = {each.marker: place for place, each in enumerate(basis.desired)}
    return sorted(operations, key=lambda each: places.get(each.marker, len(places)))


def _as_written(row: WrittenRow) -> Written:
    return Written(
        addition_id=row.addition_id,
        held=AdditionValues.model_validate(row.held),
        wanted_effective_date=row.wanted_effective_date,
        written_on=row.written_at.date(),
        ended_on=row.ended_on,
    )


async def _store(
    session: WriteSession,
    plan_id: UUID,
    basis: Basis,
    actual: Mapping[str, list[Addition]],
    operations: Sequence[PlannedOperation],
) -> None:
    plan = await repository.lock_plan(session, plan_id)
    if plan is None or plan.status != PlanStatus.COMPUTING.value:
        return
    rows = [_operation_row(place, each, basis) for place, each in enumerate(operations)]
    await repository.add_rows(session, OperationRow, plan_id, rows)
    await repository.add_rows(session, GroundRow, plan_id, [_ground_row(*each, basis) for each in actual.items()])
    await repository.forget_desired(session, plan_id)
    kinds = Counter(each.kind.value for each in operations)
    plan.summary = {kind.value: kinds[kind.value] for kind in OperationKind}
    plan.amounts = _sum((each.currency, each.amount) for each in basis.desired)
    unsent = Tally(count=len(basis.unsent), amounts=_add((each.currency, each.amount) for each in basis.unsent))
    plan.unsent = unsent.model_dump(mode="json")
    plan.calls_needed = _count_calls(operations, actual)
    plan.computed_at = clock.now()
    # What changed while it was computed may be missing in it.
    plan.status = (PlanStatus.STALE if plan.moved else PlanStatus.READY).value
    await repository.supersede(session, plan, SUPERSEDED)
    await service.tell_computed(session, plan)


def _operation_row(place: int, each: PlannedOperation, basis: Basis) -> dict[str, Any]:
    desired, written = each.desired, basis.written.get(each.marker)
    names = _names_of(desired) if desired else (dict(written.names) if written else {})
    currency = desired.currency if desired else (written.currency if written else "")
    held = each.before.total(currency) if each.before else Decimal(0)
    agreement_id = desired.agreement_id if desired else (written.agreement_id if written else "")
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
        "agreement_id": agreement_id,
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


def _ground_row(agreement_id: str, additions: Sequence[Addition], basis: Basis) -> dict[str, Any]:
    record = basis.agreements.get(agreement_id)
    return {
        "agreement_id": agreement_id,
        "agreement": record.name if record else agreement_id,
        "fingerprint": fingerprint(additions),
        "additions": remember(additions),
    }


def _count_calls(operations: Iterable[PlannedOperation], actual: Mapping[str, list[Addition]]) -> int:
    """One per write; every page of the agreements once before and once after them."""
    pages = sum(len(additions) // PAGE_SIZE + 1 for additions in actual.values())
    return sum(1 for each in operations if each.kind in WRITES) + 2 * pages


def _add(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for currency, amount in amounts:
        total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def _sum(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, str]:
    return {currency: as_text(amount) for currency, amount in _add(amounts).items()}
