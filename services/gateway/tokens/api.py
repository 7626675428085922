"""API tokens for programs."""

from uuid import UUID

from fastapi import APIRouter, Request, status

from services.gateway.tokens import service
from services.gateway.tokens.schemas import ApiToken, CreatedToken, NewToken
from services.kit.base.errors import problems
from services.kit.web.app import Reading, Writing
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


@router.get("", responses=problems(BadCursor))
async def list_tokens(session: Reading, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[ApiToken]:
    """Tokens that were not revoked, newest first."""
    return await service.list_tokens(session, limit, cursor)


# Without OncePerKey: its stored answer would keep the token itself, of which only a hash may stay.
@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(service.TokenReachesTooFar))
async def create_token(request: Request, session: Writing, wanted: NewToken) -> CreatedToken:
    """Make a token. The answer shows it, once."""
    return await service.create_token(session, request.state.principal, wanted)


@router.delete("/{token_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(service.TokenNotFound))
async def revoke_token(request: Request, session: Writing, token_id: UUID) -> None:
    """Take a token's power, at once."""
    request.app.state.authenticator.forget(await service.revoke_token(session, token_id))
