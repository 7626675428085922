"""The billing rules over HTTP."""

from fastapi import APIRouter

from services.billing.billing_rules import service
from services.billing.billing_rules.checks import RulesCannotWork
from services.billing.billing_rules.schemas import RulesChange, RulesVersion
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused

router = APIRouter(prefix="/api/v1/billing-rules", tags=["billing-rules"])


@router.get("")
async def get_billing_rules(session: Reading) -> RulesVersion:
    """The rules in force."""
    return await service.show_rules(session)


@router.put("", responses=problems(service.RulesAreStale, RulesCannotWork, IdempotencyKeyReused))
async def save_billing_rules(session: Writing, once: OncePerKey, change: RulesChange) -> RulesVersion:
    """Put new rules in force for lines loaded from now on."""
    return await once(session, RulesVersion, lambda: service.save_rules(session, change))
