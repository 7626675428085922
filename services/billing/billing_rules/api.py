"""The billing rules over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.billing.billing_rules import service
from services.billing.billing_rules.checks import RulesCannotWork
from services.billing.billing_rules.schemas import FirstPeriodEffect, RulesChange, RulesVersion
from services.contracts.periods import Period
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused

router = APIRouter(prefix="/api/v1/billing-rules", tags=["billing-rules"])


@router.get("")
async def get_billing_rules(session: Reading) -> RulesVersion:
    """The rules in force."""
    return await service.show_rules(session)


@router.put(
    "",
    responses=problems(service.RulesAreStale, service.FirstPeriodMovesEarlier, RulesCannotWork, IdempotencyKeyReused),
)
async def save_billing_rules(session: Writing, once: OncePerKey, change: RulesChange) -> RulesVersion:
    """Put new rules in force for lines loaded from now on."""
    return await once(session, RulesVersion, lambda: service.save_rules(session, change))


@router.get("/first-period-effect")
async def foresee_first_period(
    session: Reading,
    first_period: Annotated[Period | None, Query(description="YYYY-MM; without it: every loaded period")] = None,
) -> FirstPeriodEffect:
    """What another first period would do to lines that are loaded, before it is saved."""
    return await service.foresee(session, first_period)
