"""Signing in and out."""

from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from services.contracts.envelope import Actor
from services.gateway.credentials import CSRF_COOKIE, SESSION_COOKIE, Credential
from services.gateway.people.repository import NOBODY_YET, find_account
from services.gateway.people.schemas import Me
from services.gateway.sessions import service
from services.gateway.sessions.schemas import SignIn
from services.gateway.sessions.throttle import Throttle, TooManySignIns
from services.kit.base.db import Circumstances, Database
from services.kit.base.errors import BadRequest, problems
from services.kit.web.app import Writing

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class NotASession(BadRequest):
    """A token was used to sign out."""

    action = "Revoke a token with DELETE /api/v1/tokens/{token_id}."


@router.post("", responses=problems(service.WrongPassword, service.NotAMember, TooManySignIns))
async def open_session(request: Request, response: Response, given: SignIn) -> Me:
    """Sign in. Sets the session cookie, and the CSRF cookie whose value goes into `X-CSRF-Token` of each write."""
    database: Database = request.app.state.database
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    await throttle.count(given.email, address)
    async with database.reading(_circumstances(request, NOBODY_YET)) as reading:
        account = await find_account(reading, given.email)
    # No connection is held while the hash is computed, or a few guessers would starve everybody.
    account = await service.check_password(account, given.password.get_secret_value())
    actor = Actor(id=f"user/{account.id}", name=account.name)
    async with database.writing(_circumstances(request, account.home_partner_id, actor)) as writing:
        credential, principal = await service.open_session(writing, account)
    await throttle.forget(given.email, address)
    _set_cookies(request, response, credential)
    return Me.of(principal)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotASession))
async def close_session(request: Request, response: Response, session: Writing) -> None:
    """Sign out."""
    credential: Credential = request.state.credential
    if credential.is_token:
        raise NotASession("An API token does not have a session.")
    await service.close_session(session, credential, request.state.principal)
    request.app.state.authenticator.forget(credential.secret_hash)
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, path="/")


def _circumstances(request: Request, partner_id: UUID, actor: Actor | None = None) -> Circumstances:
    return Circumstances(
        partner_id=partner_id,
        source="gateway",
        correlation_id=request.state.correlation_id,
        actor=actor or Actor(id="nobody", name="Nobody"),
    )


def _set_cookies(request: Request, response: Response, credential: Credential) -> None:
    seconds = int(service.LIFETIME.total_seconds())
    secure = request.url.scheme == "https"
    response.set_cookie(
        SESSION_COOKIE, credential.text, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure
    )
    # Readable by our own pages on purpose: they echo it in a header, which no other site can.
    response.set_cookie(CSRF_COOKIE, credential.csrf, max_age=seconds, path="/", samesite="lax", secure=secure)
