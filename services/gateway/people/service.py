"""Makes partners and their first owner."""

from dataclasses import dataclass
from uuid import UUID

from services.contracts.vocabulary import Role
from services.gateway.people import repository
from services.gateway.people.models import AccountRow, MembershipRow, PartnerRow
from services.gateway.sessions import passwords
from services.kit.base.db import WriteSession
from services.kit.base.ids import new_id


@dataclass(frozen=True, slots=True)
class Owner:
    """The first person of a partner. `email` is lower case."""

    email: str
    name: str
    password: str


async def ensure_partner(session: WriteSession, partner_id: UUID, name: str, owner: Owner) -> bool:
    """A partner with this owner and password, whatever was there before; True when it is new.

    The session is bound to `partner_id`: the owner's home partner, or a new id.
    """
    account = await repository.find_account(session, owner.email)
    if account is None:
        session.add(PartnerRow(id=partner_id, name=name))
        await session.flush()
        account = AccountRow(
            id=new_id(),
            email=owner.email,
            name=owner.name,
            password_hash=passwords.hash_password(owner.password),
            home_partner_id=partner_id,
        )
        session.add(account)
        await session.flush()
        session.add(MembershipRow(partner_id=partner_id, account_id=account.id, roles=[Role.OWNER]))
        return True
    await _renew(session, account, owner.password)
    return False


async def _renew(session: WriteSession, account: AccountRow, password: str) -> None:
    if not await passwords.fits(account.password_hash, password):
        account.password_hash = passwords.hash_password(password)
    if await repository.find_membership(session, account.id) is None:
        session.add(MembershipRow(partner_id=account.home_partner_id, account_id=account.id, roles=[Role.OWNER]))
