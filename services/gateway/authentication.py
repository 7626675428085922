"""Authenticates requests and authorizes operations: credential, principal, CSRF token, rights.

The services trust the identity that is signed here. A principal is remembered for a few
seconds, because looking up each request's session would cost more than the rest of the gateway does;
another process may therefore accept a revoked token for REMEMBERED longer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection, Request

from services.contracts.identity import Identity
from services.gateway.credentials import CSRF_HEADER, SESSION_COOKIE, Credential
from services.gateway.principals import Principal
from services.gateway.rights import require_right
from services.gateway.sessions import repository as session_rows
from services.gateway.sessions import service as sessions
from services.gateway.tokens import repository as token_rows
from services.gateway.tokens import service as tokens
from services.kit.base import clock
from services.kit.base.db import Circumstances, Database, system_circumstances
from services.kit.base.errors import Forbidden, Unauthorized

REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 10_000
SAFE_VERBS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(Unauthorized):
    """The request carries no credential."""


class CredentialNotAccepted(Unauthorized):
    """The session or token is unknown, expired or revoked."""


class CsrfTokenMissing(Forbidden):
    """A browser's write without the token that only our own pages can read."""

    action = "Send the value of the cookie 'tieout_csrf' in the header 'X-CSRF-Token'."


@dataclass(frozen=True, slots=True)
class _Remembered:
    principal: Principal
    until: datetime


class Authenticator:
    """Finds out who is asking, and whether they may."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[bytes, _Remembered] = {}

    async def authorize(self, request: Request, operation: str) -> Identity:
        """The identity to act in; leaves credential and principal in `request.state`."""
        credential = read_credential(request)
        principal = await self.authenticate(credential)
        if not (credential.is_token or request.method in SAFE_VERBS):
            _require_csrf(credential, request.headers.get(CSRF_HEADER))
        require_right(operation, principal.roles, principal.scopes)
        request.state.credential, request.state.principal = credential, principal
        return principal.identity(request.state.correlation_id)

    async def authenticate(self, credential: Credential) -> Principal:
        """Who carries the credential; CredentialNotAccepted when it is good for nothing."""
        now = clock.now()
        known = self._remembered.get(credential.secret_hash)
        if known is None or now >= known.until or known.principal.partner_id != credential.partner_id:
            principal = await self._look_up(credential)
            self._remember(credential, principal, now + REMEMBERED)
        else:
            principal = known.principal
        if principal.expires_at is not None and now >= principal.expires_at:
            raise _not_accepted(credential)
        return principal

    def forget(self, secret_hash: bytes) -> None:
        """Stop accepting a session or token at once."""
        self._remembered.pop(secret_hash, None)

    def _remember(self, credential: Credential, principal: Principal, until: datetime) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[credential.secret_hash] = _Remembered(principal, until)

    async def _look_up(self, credential: Credential) -> Principal:
        circumstances = system_circumstances(credential.partner_id, "gateway")
        async with self._database.reading(circumstances) as session:
            authenticate = tokens.authenticate if credential.is_token else sessions.authenticate
            found = await authenticate(session, credential)
        if found is None:
            self.forget(credential.secret_hash)
            raise _not_accepted(credential)
        principal, is_stale = found
        if is_stale:
            await self._note_seen(circumstances, credential, principal)
        return principal

    async def _note_seen(self, circumstances: Circumstances, credential: Credential, principal: Principal) -> None:
        async with self._database.writing(circumstances) as session:
            if principal.token_id is not None:
                await token_rows.touch(session, principal.token_id, clock.now())
            else:
                await session_rows.touch(session, credential.secret_hash, clock.now())


def read_credential(request: HTTPConnection) -> Credential:
    """The credential of a request. A token counts before a cookie, and a bad one is never passed over."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, text = authorization.partition(" ")
        credential = Credential.read_token(text.strip()) if scheme.lower() == "bearer" else None
        if credential is None:
            raise CredentialNotAccepted("The Authorization header does not carry a token of Tieout.")
        return credential
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        raise NotSignedIn("This needs a session or an API token.")
    credential = Credential.read_cookie(cookie)
    if credential is None:
        raise CredentialNotAccepted("The session cookie cannot be read.")
    return credential


def _require_csrf(credential: Credential, given: str | None) -> None:
    if not credential.accepts_csrf(given):
        raise CsrfTokenMissing("The request does not carry the CSRF token of its session.")


def _not_accepted(credential: Credential) -> CredentialNotAccepted:
    kind = "API token" if credential.is_token else "session"
    return CredentialNotAccepted(f"This {kind} is unknown, expired or revoked.")
