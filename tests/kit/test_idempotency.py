import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.contracts.identity import Identity
from services.kit.base.db import Database
from services.kit.ledger.models import IdempotencyRow
from tests.kit.conftest import Ledger, in_the_name_of
from tests.kit.shop import headers_of, open_shop, settings_for
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.usefixtures("quiet_logging")

PEN = {"name": "pen", "price": "1.00"}


@pytest.fixture
async def shop(database: TestDatabase, redis_url: str, who: Identity) -> AsyncIterator[httpx.AsyncClient]:
    async with open_shop(settings_for(database.url("sync"), redis_url, db_pool_size=10)) as client:
        client.headers = httpx.Headers(headers_of(who))
        yield client


async def sell(shop: httpx.AsyncClient, order: dict[str, Any], key: str | None, path: str = "/orders") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await shop.post(path, json=order, headers=headers)


def _key_taken(key: str, who: Identity) -> IdempotencyRow:
    return IdempotencyRow(partner_id=who.partner_id, service="sync", key=key, request_digest=b"", answer="")


class TestOnce:
    async def test_the_same_key_gets_the_same_answer_and_one_effect(
        self, shop: httpx.AsyncClient, ledger: Ledger
    ) -> None:
        first, second = await sell(shop, PEN, "k1"), await sell(shop, PEN, "k1")

        assert first.json() == second.json()
        assert await ledger.traces() == ["pen"]

    async def test_another_key_is_another_request(self, shop: httpx.AsyncClient, ledger: Ledger) -> None:
        await sell(shop, PEN, "k1")
        await sell(shop, {"name": "ink", "price": "2.00"}, "k2")

        assert await ledger.traces() == ["ink", "pen"]

    @pytest.mark.parametrize(
        ("order", "path"), [({"name": "ink", "price": "1.00"}, "/orders"), (PEN, "/orders?really=yes")]
    )
    async def test_a_key_used_for_a_different_request_is_409(
        self, shop: httpx.AsyncClient, ledger: Ledger, order: dict[str, Any], path: str
    ) -> None:
        await sell(shop, PEN, "k1")

        refused = await sell(shop, order, "k1", path)

        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
        assert await ledger.traces() == ["pen"]

    async def test_simultaneous_twins_do_it_once(self, shop: httpx.AsyncClient, ledger: Ledger) -> None:
        answers = await asyncio.gather(*(sell(shop, PEN, "k1") for _ in range(8)))

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["serial"] for answer in answers}) == 1
        assert await ledger.traces() == ["pen"]

    async def test_a_twin_of_one_that_takes_long_is_told_to_wait(
        self, database: TestDatabase, redis_url: str, who: Identity, sync_db: Database
    ) -> None:
        settings = settings_for(database.url("sync"), redis_url, lock_seconds=0.1)
        async with open_shop(settings) as shop, sync_db.writing(in_the_name_of(who.partner_id)) as first:
            shop.headers = httpx.Headers(headers_of(who))
            first.add(_key_taken("k1", who))
            await first.flush()

            refused = await sell(shop, PEN, "k1")

        assert (refused.status_code, refused.json()["code"]) == (409, "request_in_progress")

    async def test_a_stored_answer_survives_the_process_that_gave_it(
        self, database: TestDatabase, redis_url: str, who: Identity, ledger: Ledger
    ) -> None:
        answers = []
        for _ in range(2):
            async with open_shop(settings_for(database.url("sync"), redis_url)) as shop:
                shop.headers = httpx.Headers(headers_of(who))
                answers.append((await sell(shop, PEN, "k1")).json())

        assert answers[0] == answers[1]
        assert await ledger.traces() == ["pen"]

    async def test_an_effect_that_failed_leaves_its_key_free(self, shop: httpx.AsyncClient, ledger: Ledger) -> None:
        await sell(shop, {"name": "closed", "price": "1.00"}, "k1")

        assert (await sell(shop, PEN, "k1")).status_code == 200
        assert await ledger.traces() == ["pen"]

    async def test_without_a_key_each_request_is_its_own(self, shop: httpx.AsyncClient, ledger: Ledger) -> None:
        first = await sell(shop, PEN, None)
        second = await sell(shop, PEN, None)

        assert (first.status_code, second.status_code) == (200, 500), "the trace refuses the second pen"

    async def test_partners_do_not_share_keys(self, shop: httpx.AsyncClient, ledger: Ledger, who: Identity) -> None:
        await sell(shop, PEN, "k1")
        shop.headers.update(headers_of(who.model_copy(update={"partner_id": uuid4()})))

        assert (await sell(shop, PEN, "k1")).status_code == 200
        assert await ledger.traces() == ["pen", "pen"]

    @pytest.mark.parametrize("key", ["", "x" * 201])
    async def test_a_key_has_a_length(self, shop: httpx.AsyncClient, key: str) -> None:
        assert (await sell(shop, PEN, key)).status_code == 422
