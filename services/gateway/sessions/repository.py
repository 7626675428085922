"""Session rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from services.gateway.people.models import AccountRow, MembershipRow, PartnerRow
from services.gateway.sessions.models import SessionRow
from services.kit.base.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Member:
    """A person at a partner, with the row that let them in."""

    account: AccountRow
    membership: MembershipRow
    partner: PartnerRow


async def find(session: ReadSession, secret_hash: bytes) -> tuple[SessionRow, Member] | None:
    query = (
        select(SessionRow, AccountRow, MembershipRow, PartnerRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .join(MembershipRow, MembershipRow.account_id == SessionRow.account_id)
        .join(PartnerRow, PartnerRow.id == SessionRow.partner_id)
        .where(SessionRow.secret_hash == secret_hash, MembershipRow.partner_id == SessionRow.partner_id)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], Member(row[1], row[2], row[3]))


async def touch(session: WriteSession, secret_hash: bytes, now: datetime) -> None:
    await session.execute(update(SessionRow).where(SessionRow.secret_hash == secret_hash).values(last_seen_at=now))


async def remove(session: WriteSession, secret_hash: bytes) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.secret_hash == secret_hash))


async def remove_expired(session: WriteSession, account_id: UUID, now: datetime) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.account_id == account_id, SessionRow.expires_at < now))
