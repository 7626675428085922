"""Token rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select, update

from services.gateway.people.models import AccountRow, MembershipRow, PartnerRow
from services.gateway.tokens.models import ApiTokenRow
from services.kit.base.db import ReadSession, WriteSession
from services.kit.web.paging import Keyset

NEWEST_FIRST = Keyset(ApiTokenRow.created_at, ApiTokenRow.id, newest_first=True)


def _with_maker() -> Select[ApiTokenRow, AccountRow]:
    return select(ApiTokenRow, AccountRow).join(AccountRow, AccountRow.id == ApiTokenRow.account_id)


async def find_by_secret(
    session: ReadSession, secret_hash: bytes
) -> Row[ApiTokenRow, AccountRow, MembershipRow, PartnerRow] | None:
    """A token that was not revoked, with the person who made it; None once that person has no role any more."""
    query = (
        select(ApiTokenRow, AccountRow, MembershipRow, PartnerRow)
        .join(AccountRow, AccountRow.id == ApiTokenRow.account_id)
        .join(MembershipRow, MembershipRow.account_id == ApiTokenRow.account_id)
        .join(PartnerRow, PartnerRow.id == ApiTokenRow.partner_id)
        .where(
            ApiTokenRow.secret_hash == secret_hash,
            ApiTokenRow.revoked_at.is_(None),
            MembershipRow.partner_id == ApiTokenRow.partner_id,
        )
    )
    return (await session.execute(query)).one_or_none()


async def read_newest(session: ReadSession, limit: int, cursor: str | None) -> Sequence[Row[ApiTokenRow, AccountRow]]:
    """Tokens that were not revoked, expired ones included."""
    query = _with_maker().where(ApiTokenRow.revoked_at.is_(None))
    return (await session.execute(NEWEST_FIRST.window(query, limit, cursor))).all()


async def find_live(session: WriteSession, token_id: UUID) -> ApiTokenRow | None:
    query = select(ApiTokenRow).where(ApiTokenRow.id == token_id, ApiTokenRow.revoked_at.is_(None)).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def touch(session: WriteSession, token_id: UUID, now: datetime) -> None:
    await session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=now))
