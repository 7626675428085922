"""A write sent twice with one Idempotency-Key happens once, and both senders get the same answer.

The answer is stored in the transaction of the effect, in PostgreSQL: a key in Redis could outlive its
effect or the other way round.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.kit.db import WriteSession
from services.kit.errors import Conflict
from services.kit.models import IdempotencyRow

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
        circumstances = session.circumstances
        place = {"partner_id": circumstances.partner_id, "service": circumstances.source, "key": self._key}
        # Taking the key first makes a simultaneous twin wait for this transaction's end.
        taken = await session.execute(
            insert(IdempotencyRow)
            .values(**place, request_digest=self._digest, answer="")
            .on_conflict_do_nothing()
            .returning(IdempotencyRow.key)
        )
        if taken.scalar_one_or_none() is None:
            return await self._recall(session, answer_type)
        answer = await make()
        row = await session.get_one(IdempotencyRow, place)
        row.answer = answer.model_dump_json()
        return answer

    async def _recall(self, session: WriteSession, answer_type: type[AnswerT]) -> AnswerT:
        circumstances = session.circumstances
        query = select(IdempotencyRow).where(
            IdempotencyRow.partner_id == circumstances.partner_id,
            IdempotencyRow.service == circumstances.source,
            IdempotencyRow.key == self._key,
        )
        row = (await session.execute(query)).scalar_one()
        if row.request_digest != self._digest:
            raise IdempotencyKeyReused(f"Idempotency-Key {self._key!r} was used for another request.")
        return answer_type.model_validate_json(row.answer)


async def once_per_key(
    request: Request,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Makes a retry safe")
    ] = None,
) -> Once:
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    return Once(key, digest)
