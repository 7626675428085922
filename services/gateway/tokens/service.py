"""Makes, authenticates, lists and revokes API tokens."""

from datetime import timedelta
from uuid import UUID

from services.contracts.events.gateway import TokenIssued, TokenRevoked
from services.gateway.credentials import Credential
from services.gateway.principals import Principal
from services.gateway.tokens import repository
from services.gateway.tokens.models import ApiTokenRow
from services.gateway.tokens.schemas import ApiToken, CreatedToken, NewToken
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Forbidden, NotFound
from services.kit.base.ids import new_id
from services.kit.ledger import bus
from services.kit.web.paging import Page

USED_EVERY = timedelta(minutes=1)


class TokenNotFound(NotFound):
    """No token with this id, or it was revoked already."""


class TokenReachesTooFar(Forbidden):
    """A token may not make one that may more than itself."""

    action = "Leave out the scopes that the present token does not have, or sign in."


async def create_token(session: WriteSession, principal: Principal, wanted: NewToken) -> CreatedToken:
    if principal.scopes is not None and not principal.scopes.issuperset(wanted.scopes):
        raise TokenReachesTooFar("The token used here lacks a scope that the new one should have.")
    credential = Credential.make(principal.partner_id, is_token=True)
    now = clock.now()
    row = ApiTokenRow(
        id=new_id(),
        partner_id=principal.partner_id,
        account_id=principal.account_id,
        name=wanted.name,
        scopes=sorted(set(wanted.scopes)),
        secret_hash=credential.secret_hash,
        created_at=now,
        expires_at=now + timedelta(days=wanted.expires_in_days) if wanted.expires_in_days else None,
        last_used_at=None,
    )
    session.add(row)
    await bus.publish(session, TokenIssued(token_id=str(row.id), name=row.name), subject=f"token/{row.id}")
    return CreatedToken(**ApiToken.of(row, principal.name).model_dump(), token=credential.text)


async def authenticate(session: ReadSession, credential: Credential) -> tuple[Principal, bool] | None:
    """The principal of a live token, and whether it is time to note that it was used."""
    found = await repository.find_by_secret(session, credential.secret_hash)
    if found is None:
        return None
    token, account, membership, partner = found
    now = clock.now()
    if token.expires_at is not None and now >= token.expires_at:
        return None
    principal = Principal(
        partner_id=partner.id,
        partner_name=partner.name,
        account_id=account.id,
        email=account.email,
        name=account.name,
        roles=frozenset(membership.roles),
        expires_at=token.expires_at,
        token_id=token.id,
        token_name=token.name,
        scopes=frozenset(token.scopes),
    )
    return principal, token.last_used_at is None or now - token.last_used_at > USED_EVERY


async def list_tokens(session: ReadSession, limit: int, cursor: str | None) -> Page[ApiToken]:
    rows = await repository.read_newest(session, limit, cursor)
    return repository.NEWEST_FIRST.page(
        rows, limit, lambda row: ApiToken.of(row.ApiTokenRow, row.AccountRow.name), keyed=lambda row: row.ApiTokenRow
    )


async def revoke_token(session: WriteSession, token_id: UUID) -> bytes:
    """Take a token's power; returns its hash, so that whoever remembers it can forget it."""
    row = await repository.find_live(session, token_id)
    if row is None:
        raise TokenNotFound(f"There is no token {token_id}.")
    row.revoked_at = clock.now()
    await bus.publish(session, TokenRevoked(token_id=str(row.id), name=row.name), subject=f"token/{row.id}")
    return row.secret_hash
