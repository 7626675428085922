"""The billing rules over HTTP."""

from fastapi import APIRouter

from services.billing.configuration import service
from services.billing.configuration.schemas import RulesChange, RulesVersion
from services.kit.app import OncePerKey, Reading, Writing
from services.kit.errors import problems
from services.kit.idempotency import IdempotencyKeyReused

router = APIRouter(prefix="/api/v1/billing-rules", tags=["billing-rules"])


@router.get("")
async def get_billing_rules(session: Reading) -> RulesVersion:
    """The rules in force."""
    return await service.show_rules(session)


@router.put("", responses=problems(service.RulesAreStale, IdempotencyKeyReused))
async def save_billing_rules(session: Writing, once: OncePerKey, change: RulesChange) -> RulesVersion:
    """Put new rules in force for lines loaded from now on."""
    return await once(session, RulesVersion, lambda: service.save_rules(session, change))
