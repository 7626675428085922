"""Account, membership and partner rows, behind their walls."""

from uuid import UUID

from sqlalchemy import select, text

from services.gateway.people.models import AccountRow, MembershipRow, PartnerRow
from services.kit.base.db import ReadSession

NOBODY_YET = UUID(int=0)
"""A partner that nobody has: a session bound to it sees nothing but the account whose e-mail is named."""

_NAME_SIGN_IN = text("SELECT set_config('tieout.sign_in', :email, true)")


async def find_account(session: ReadSession, email: str) -> AccountRow | None:
    """The account of an e-mail, whatever the partner: naming it opens the wall for this one row."""
    await session.execute(_NAME_SIGN_IN, {"email": email})
    return (await session.execute(select(AccountRow).where(AccountRow.email == email))).scalar_one_or_none()


async def find_membership(session: ReadSession, account_id: UUID) -> tuple[MembershipRow, PartnerRow] | None:
    """What a person is to the session's partner."""
    query = (
        select(MembershipRow, PartnerRow)
        .join(PartnerRow, PartnerRow.id == MembershipRow.partner_id)
        .where(MembershipRow.account_id == account_id)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])
