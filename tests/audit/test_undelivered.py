"""What no service could take in is there to be seen, and to be tried again."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from services.contracts.envelope import Envelope
from services.contracts.events.audit import DeliveriesRetried
from services.contracts.events.sync import RunStarted
from services.contracts.vocabulary import RunKind
from services.kit.base.db import WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger import attempts, bus
from tests.audit.conftest import Desk

URL = "/api/v1/system-logs/undelivered"


async def fail(session: WriteSession, envelope: Envelope[Any]) -> None:
    raise RuntimeError("the disk is full")


async def rest(desk: Desk, partner_id: UUID | None = None) -> UUID:
    """A fact that audit failed to take in for the last time."""
    fact = RunStarted(run_id=new_id(), kind=RunKind.LOAD, periods=["2026-10"])
    event_id = await desk.publish(fact, "run/1", partner_id=partner_id)
    await desk.meddle(f"UPDATE bus.delivery SET attempts = {attempts.MAX_ATTEMPTS - 1} WHERE event_id = '{event_id}'")  # noqa: S608 - our own id
    assert not await bus.handle_effect(desk.audit, "audit", event_id, {RunStarted: fail})
    return event_id


class TestUndelivered:
    async def test_nothing_rests_at_first(self, desk: Desk, client: httpx.AsyncClient) -> None:
        await desk.publish(RunStarted(run_id=new_id(), kind=RunKind.LOAD, periods=["2026-10"]))
        assert (await client.get(URL)).json() == {"items": [], "next_cursor": None}

    async def test_a_resting_fact_is_shown_with_its_error(self, desk: Desk, client: httpx.AsyncClient) -> None:
        event_id = await rest(desk)
        (shown,) = (await client.get(URL)).json()["items"]
        assert (shown["event_id"], shown["consumer"]) == (str(event_id), "audit")
        assert (shown["type"], shown["subject"]) == ("sync.run.started.v1", "run/1")
        assert (shown["attempts"], shown["error"]) == (attempts.MAX_ATTEMPTS, "RuntimeError: the disk is full")

    async def test_another_partners_is_neither_shown_nor_retried(self, desk: Desk, client: httpx.AsyncClient) -> None:
        await rest(desk, partner_id=new_id())
        assert (await client.get(URL)).json()["items"] == []
        assert (await client.post(f"{URL}/retry", json={})).json() == {"retried": 0}

    async def test_all_that_rest_are_tried_again(self, desk: Desk, client: httpx.AsyncClient) -> None:
        event_ids = [await rest(desk), await rest(desk)]
        assert (await client.post(f"{URL}/retry", json={})).json() == {"retried": 2}
        assert (await client.get(URL)).json()["items"] == []
        for event_id in event_ids:
            assert await desk.handle(event_id)

    async def test_who_tried_again_is_on_record(self, desk: Desk, client: httpx.AsyncClient) -> None:
        event_id = await rest(desk)
        await client.post(f"{URL}/retry", json={})
        (told,) = [each for each in await desk.facts() if isinstance(each.data, DeliveriesRetried)]
        assert [(each.event_id, each.consumer) for each in told.data.deliveries] == [(event_id, "audit")]
        assert told.data.headline().details == "1 for audit"
        assert await desk.handle(told.id)

    async def test_only_what_is_named_is_tried_again(self, desk: Desk, client: httpx.AsyncClient) -> None:
        first, second = await rest(desk), await rest(desk)
        wanted = [{"event_id": str(first), "consumer": "audit"}, {"event_id": str(uuid4()), "consumer": "audit"}]
        assert (await client.post(f"{URL}/retry", json={"deliveries": wanted})).json() == {"retried": 1}
        assert [each["event_id"] for each in (await client.get(URL)).json()["items"]] == [str(second)]
