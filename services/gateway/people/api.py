"""Who am I."""

from fastapi import APIRouter, Request

from services.gateway.people.schemas import Me
from services.kit.web.app import Who

router = APIRouter(prefix="/api/v1/me", tags=["session"])


@router.get("")
async def get_me(request: Request, _who: Who) -> Me:
    """Who is signed in, with which roles, at which partner."""
    return Me.of(request.state.principal)
