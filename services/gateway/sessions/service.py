"""Opens, authenticates and closes sessions."""

from datetime import timedelta

from services.contracts.events.gateway import SessionClosed, SessionOpened
from services.gateway.credentials import Credential
from services.gateway.people import repository as people
from services.gateway.people.models import AccountRow, MembershipRow, PartnerRow
from services.gateway.principals import Principal
from services.gateway.sessions import passwords, repository
from services.gateway.sessions.models import SessionRow
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Forbidden, Unauthorized
from services.kit.ledger import bus

LIFETIME = timedelta(days=7)
IDLE = timedelta(hours=12)  # a working day, so that the evening's screen is closed by morning
SEEN_EVERY = timedelta(minutes=5)


class WrongPassword(Unauthorized):
    """E-mail and password do not belong together; which of them is wrong is not said."""

    action = "Check e-mail and password. An owner can give you a new password."


class NotAMember(Forbidden):
    """The person has no role at any partner."""

    action = "Ask an owner of the partner to invite you again."


async def check_password(account: AccountRow | None, password: str) -> AccountRow:
    if not await passwords.fits(account.password_hash if account else None, password) or account is None:
        raise WrongPassword("E-mail or password is wrong.")
    return account


async def open_session(session: WriteSession, account: AccountRow) -> tuple[Credential, Principal]:
    """A new session at the person's home partner, which the write session is bound to."""
    found = await people.find_membership(session, account.id)
    if found is None:
        raise NotAMember("Your account has no role at this partner any more.")
    now = clock.now()
    credential = Credential.make(account.home_partner_id, is_token=False)
    row = SessionRow(
        secret_hash=credential.secret_hash,
        partner_id=account.home_partner_id,
        account_id=account.id,
        last_seen_at=now,
        expires_at=now + LIFETIME,
    )
    await repository.remove_expired(session, account.id, now)
    session.add(row)
    await bus.publish(session, SessionOpened(email=account.email), subject=f"user/{account.id}")
    return credential, _principal(row, account, *found)


async def authenticate(session: ReadSession, credential: Credential) -> tuple[Principal, bool] | None:
    """The principal of a live session, and whether it is time to note that it was seen."""
    found = await repository.find(session, credential.secret_hash)
    if found is None:
        return None
    row, member = found
    now = clock.now()
    if now >= min(row.expires_at, row.last_seen_at + IDLE):
        return None
    return _principal(row, member.account, member.membership, member.partner), now - row.last_seen_at > SEEN_EVERY


async def close_session(session: WriteSession, credential: Credential, principal: Principal) -> None:
    await repository.remove(session, credential.secret_hash)
    await bus.publish(session, SessionClosed(email=principal.email), subject=f"user/{principal.account_id}")


def _principal(row: SessionRow, account: AccountRow, membership: MembershipRow, partner: PartnerRow) -> Principal:
    return Principal(
        partner_id=partner.id,
        partner_name=partner.name,
        account_id=account.id,
        email=account.email,
        name=account.name,
        roles=frozenset(membership.roles),
        expires_at=row.expires_at,
    )
