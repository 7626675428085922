"""Plans over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from services.contracts.periods import Period
from services.contracts.vocabulary import ByHand, OperationKind
from services.kit.base.errors import InvalidFields, problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor
from services.sync.by_hand import decisions as hand_decisions
from services.sync.by_hand import repository as by_hand
from services.sync.by_hand.decisions import AdditionIsNotBeside, ChargeIsNotAskedAbout
from services.sync.connections.service import ConnectionMissing
from services.sync.plans import decisions, errors, repository, service
from services.sync.plans.schemas import ByHandEntry, DecisionsIn, HandDecisionsIn, OperationOut, PlanIn, PlanOut
from services.sync.runs.schemas import RunOut

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])


@router.post("", status_code=status.HTTP_202_ACCEPTED, responses=problems(ConnectionMissing, IdempotencyKeyReused))
async def post_plan(session: Writing, once: OncePerKey, asked: PlanIn) -> PlanOut:
    """Compute what the PSA lacks for a scope. While a plan of that scope is being computed, it is the answer."""
    return await once(session, PlanOut, lambda: service.request_plan(session, asked.as_scope()))


@router.get("", responses=problems(BadCursor))
async def list_plans(
    session: Reading,
    period: Annotated[Period | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[PlanOut]:
    """Plans, newest first."""
    rows = await repository.list_plans(session, period=period, before=_plan_after(cursor), limit=limit + 1)
    page = [service.describe(row) for row in rows[:limit]]
    return Page(items=page, next_cursor=encode_cursor([str(page[-1].id)]) if len(rows) > limit else None)


@router.get("/{plan_id}", responses=problems(errors.PlanNotFound))
async def get_plan(session: Reading, plan_id: UUID) -> PlanOut:
    """One plan with its sums."""
    return await service.show_plan(session, plan_id)


@router.get("/{plan_id}/operations", responses=problems(errors.PlanNotFound, BadCursor))
async def list_plan_operations(
    session: Reading,
    plan_id: UUID,
    kind: Annotated[OperationKind | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[OperationOut]:
    """What each addition needs, by customer and agreement."""
    await service.show_plan(session, plan_id)
    place = _position_after(cursor)
    rows = await repository.list_operations(session, plan_id, kind=kind, after=place, limit=limit + 1)
    page = [service.describe_operation(row) for row in rows[:limit]]
    return Page(items=page, next_cursor=encode_cursor([rows[limit - 1].position]) if len(rows) > limit else None)


@router.post(
    "/{plan_id}/apply",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(
        errors.PlanNotFound,
        errors.PlanIsNotReady,
        errors.PlanIsStale,
        errors.PlanIsAlreadyApplied,
        IdempotencyKeyReused,
    ),
)
async def apply_plan(session: Writing, once: OncePerKey, plan_id: UUID) -> RunOut:
    """Write the plan to the PSA. The run ends with a receipt."""
    return await once(session, RunOut, lambda: service.apply_plan(session, plan_id))


@router.post(
    "/{plan_id}/decisions",
    responses=problems(
        errors.PlanNotFound,
        errors.PlanIsNotReady,
        errors.PlanIsStale,
        errors.PlanIsAlreadyApplied,
        errors.OperationIsNotUndecided,
        errors.KeptUntilThePast,
        InvalidFields,
        IdempotencyKeyReused,
    ),
)
async def decide_plan_operations(session: Writing, once: OncePerKey, plan_id: UUID, decided: DecisionsIn) -> PlanOut:
    """End, keep or leave for later what bills without a charge. A decision may be changed until the plan is applied."""
    return await once(session, PlanOut, lambda: decisions.decide(session, plan_id, decided))


@router.get("/{plan_id}/by-hand", responses=problems(errors.PlanNotFound, BadCursor))
async def list_plan_by_hand(
    session: Reading,
    plan_id: UUID,
    state: Annotated[ByHand | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ByHandEntry]:
    """Charges with what people made by hand beside them, and what they made beside which no charge stands."""
    await service.show_plan(session, plan_id)
    place = _position_after(cursor)
    rows = await by_hand.list_entries(session, plan_id, state=state, after=place, limit=limit + 1)
    page = [ByHandEntry.model_validate(row.entry) for row in rows[:limit]]
    return Page(items=page, next_cursor=encode_cursor([rows[limit - 1].position]) if len(rows) > limit else None)


@router.post(
    "/{plan_id}/hand-decisions",
    responses=problems(
        errors.PlanNotFound,
        errors.PlanIsNotReady,
        ChargeIsNotAskedAbout,
        AdditionIsNotBeside,
        InvalidFields,
        IdempotencyKeyReused,
    ),
)
async def decide_by_hand(session: Writing, once: OncePerKey, plan_id: UUID, decided: HandDecisionsIn) -> PlanOut:
    """Say what is billed by hand. Plans of the month are stale then; every later one follows the decision."""
    return await once(session, PlanOut, lambda: hand_decisions.decide_by_hand(session, plan_id, decided))


def _plan_after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, 1)[0]))
    except ValueError as fault:
        raise BadCursor("The cursor belongs to another list.") from fault


def _position_after(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (place,) = decode_cursor(cursor, 1)
    if not isinstance(place, int):
        raise BadCursor("The cursor belongs to another list.")
    return place
