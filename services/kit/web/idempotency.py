"""A write sent twice with one Idempotency-Key happens once, and both senders get the same answer.

The answer is stored in the transaction of the effect, in PostgreSQL: a key in Redis could outlive its
effect or the other way round. It is kept for `keep_idempotency_days`; after that the key is new again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from services.kit.base.db import WriteSession
from services.kit.base.errors import Conflict
from services.kit.ledger.models import IDEMPOTENCY
from services.kit.web.database_errors import LOCK_NOT_AVAILABLE

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class IdempotencyKeyReused(Conflict):
    """The key was used before for a different request."""

    action = "Use a new Idempotency-Key for a new request."


class RequestInProgress(Conflict):
    """The first request with this key is still being carried out."""

    action = "Wait a moment and send the same request with the same Idempotency-Key: it gets the first one's answer."


class Once:
    """Runs a write once per key; without a key it simply runs."""

    def __init__(self, key: str | None, digest: bytes) -> None:
        self._key = key
        self._digest = digest

    async def __call__(
        self, session: WriteSession, answer_type: type[AnswerT], make: Callable[[], Awaitable[AnswerT]]
    ) -> AnswerT:
        if self._key is None:
            return await make()
        if not await self._take_key(session):
            return await self._recall(session, answer_type)
        answer = await make()
        kept = update(IDEMPOTENCY).filter_by(**self._key_columns(session)).values(answer=answer.model_dump_json())
        await session.execute(kept)
        return answer

    async def _take_key(self, session: WriteSession) -> bool:
        """Whether we are the first. A simultaneous twin waits here for the commit, up to the lock limit."""
        taken = (
            insert(IDEMPOTENCY)
            .values(**self._key_columns(session), request_digest=self._digest, answer="")
            .on_conflict_do_nothing()
            .returning(IDEMPOTENCY.c.key)
        )
        try:
            return (await session.execute(taken)).scalar_one_or_none() is not None
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise RequestInProgress("A request with this Idempotency-Key is being carried out.") from error

    def _key_columns(self, session: WriteSession) -> dict[str, Any]:
        circumstances = session.circumstances
        return {"partner_id": circumstances.partner_id, "service": circumstances.source, "key": self._key}

    async def _recall(self, session: WriteSession, answer_type: type[AnswerT]) -> AnswerT:
        query = select(IDEMPOTENCY).filter_by(**self._key_columns(session))
        row = (await session.execute(query)).one()
        if row.request_digest != self._digest:
            raise IdempotencyKeyReused(f"Idempotency-Key {self._key!r} was used for another request.")
        return answer_type.model_validate_json(row.answer)


async def once_per_key(
    request: Request,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Makes a retry safe")
    ] = None,
) -> Once:
    if key is None:
        return Once(None, b"")
    target = f"{request.method} {request.url.path}?{request.url.query}\n"
    return Once(key, hashlib.sha256(target.encode() + await request.body()).digest())
