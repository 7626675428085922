"""A write sent twice with one Idempotency-Key happens once, and both senders get the same answer.

The answer is stored in the transaction of the effect, in PostgreSQL: a key in Redis could outlive its
effect or the other way round.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.kit.base.db import WriteSession
from services.kit.base.errors import Conflict
from services.kit.ledger.models import IDEMPOTENCY

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class IdempotencyKeyReused(Conflict):
    """The key was used before for a different request."""

    action = "Use a new Idempotency-Key for a new request."


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
        # Taking the key first makes a simultaneous twin wait for this transaction's end.
        taken = await session.execute(
            insert(IDEMPOTENCY)
            .values(**self._place(session), request_digest=self._digest, answer="")
            .on_conflict_do_nothing()
            .returning(IDEMPOTENCY.c.key)
        )
        if taken.scalar_one_or_none() is None:
            return await self._recall(session, answer_type)
        answer = await make()
        kept = update(IDEMPOTENCY).filter_by(**self._place(session)).values(answer=answer.model_dump_json())
        await session.execute(kept)
        return answer

    def _place(self, session: WriteSession) -> dict[str, Any]:
        circumstances = session.circumstances
        return {"partner_id": circumstances.partner_id, "service": circumstances.source, "key": self._key}

    async def _recall(self, session: WriteSession, answer_type: type[AnswerT]) -> AnswerT:
        query = select(IDEMPOTENCY).filter_by(**self._place(session))
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
