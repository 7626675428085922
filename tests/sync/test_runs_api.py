"""Loads are asked for, watched and listed over HTTP; what cannot be loaded is refused with a stable code."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.sync.connections.service import require_connections
from services.sync.loads.service import request_load
from tests.support.clock import HeldClock
from tests.sync.conftest import Partner

Api = Callable[..., httpx.AsyncClient]


@pytest.fixture(autouse=True)
def midday(clock: HeldClock) -> None:
    clock.set(datetime(2026, 6, 17, 12, tzinfo=UTC))


async def post_load(api: Api, *periods: Any, key: str = "") -> httpx.Response:
    async with api() as client:
        headers = {"Idempotency-Key": key} if key else {}
        return await client.post("/api/v1/loads", json={"periods": list(periods)}, headers=headers)


class TestPostLoad:
    async def test_a_load_is_accepted_and_can_be_followed(self, api: Api, partner: Partner) -> None:
        await partner.connect()
        accepted = await post_load(api, "2026-05")
        assert accepted.status_code == 202, accepted.text
        run = accepted.json()
        assert (run["kind"], run["status"], run["periods"]) == ("load", "queued", ["2026-05"])
        assert run["requested_by"] == "Ada Finance"
        await partner.settle()
        async with api() as client:
            done = (await client.get(f"/api/v1/runs/{run['id']}")).json()
            invoices = (await client.get(f"/api/v1/runs/{run['id']}/invoices")).json()
        assert done["status"] == "succeeded"
        assert done["progress"]["done"] == done["progress"]["total"] == len(invoices["items"])
        assert {invoice["state"] for invoice in invoices["items"]} == {"accepted"}

    @pytest.mark.parametrize(
        ("period", "code"),
        [
            ("2026-13", "period_unknown"),
            ("May", "period_unknown"),
            ("2026-07", "period_not_loadable"),
            ("2025-03", "period_not_loadable"),
        ],
    )
    async def test_a_month_that_cannot_be_loaded_is_refused(
        self, api: Api, partner: Partner, period: str, code: str
    ) -> None:
        await partner.connect()
        answer = await post_load(api, "2026-05", period)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["action"]

    @pytest.mark.parametrize("period", ["2026-06", "2025-04"])
    async def test_this_month_and_fourteen_before_it_can(self, api: Api, partner: Partner, period: str) -> None:
        await partner.connect()
        assert (await post_load(api, period)).status_code == 202

    async def test_without_both_connections_nothing_is_loaded(self, api: Api) -> None:
        answer = await post_load(api, "2026-05")
        assert (answer.status_code, answer.json()["code"]) == (409, "connection_missing")

    async def test_one_month_is_not_loaded_twice_at_once(self, api: Api, partner: Partner) -> None:
        await partner.connect()
        await post_load(api, "2026-05", "2026-04")
        answer = await post_load(api, "2026-05")
        assert (answer.status_code, answer.json()["code"]) == (409, "load_is_running")
        assert (await post_load(api, "2026-06")).status_code == 202

    async def test_a_repeated_request_gets_the_same_run(self, api: Api, partner: Partner) -> None:
        await partner.connect()
        first, again = [await post_load(api, "2026-05", key="once") for _ in range(2)]
        assert first.json() == again.json()


class TestRuns:
    async def test_they_are_listed_newest_first_page_by_page(self, api: Api, partner: Partner) -> None:
        await partner.connect()
        ids = [(await post_load(api, period)).json()["id"] for period in ("2026-03", "2026-04", "2026-05")]
        async with api() as client:
            first = (await client.get("/api/v1/runs", params={"limit": 2, "kind": "load"})).json()
            rest = (await client.get("/api/v1/runs", params={"limit": 2, "cursor": first["next_cursor"]})).json()
            none = (await client.get("/api/v1/runs", params={"status": "failed"})).json()
        assert [run["id"] for run in first["items"] + rest["items"]] == ids[::-1]
        assert rest["next_cursor"] is None
        assert none["items"] == []

    async def test_another_partner_finds_none_of_them(self, api: Api, partner: Partner) -> None:
        await partner.connect()
        run = (await post_load(api, "2026-05")).json()
        async with api(uuid4()) as stranger:
            assert (await stranger.get(f"/api/v1/runs/{run['id']}")).status_code == 404
            assert (await stranger.get(f"/api/v1/runs/{run['id']}/invoices")).status_code == 404
            assert (await stranger.get("/api/v1/runs")).json()["items"] == []
            assert [each["invoices"] for each in (await stranger.get("/api/v1/periods")).json()["items"]] == [0, 0]

    async def test_invoices_come_page_by_page(self, api: Api, partner: Partner) -> None:
        await partner.connect()
        run = (await post_load(api, "2026-05")).json()
        await partner.settle()
        numbers, cursor = [], None
        async with api() as client:
            while True:
                params = {"limit": 7, **({"cursor": cursor} if cursor else {})}
                page = (await client.get(f"/api/v1/runs/{run['id']}/invoices", params=params)).json()
                numbers += [invoice["number"] for invoice in page["items"]]
                if (cursor := page["next_cursor"]) is None:
                    break
        assert len(numbers) > 7
        assert numbers == sorted(set(numbers))


class TestMakingWay:
    async def test_a_load_that_waits_for_billing_yields_to_a_newer_one(self, partner: Partner) -> None:
        await partner.connect()
        async with partner.database.writing(partner.circumstances) as session:
            await require_connections(session)
            older = await request_load(session, ["2026-05"])
        await partner.run_jobs()
        async with partner.database.writing(partner.circumstances) as session:
            newer = await request_load(session, ["2026-05"])
        await partner.settle()
        runs = await partner.runs()
        assert runs[older.id].error == "A newer load has taken its place."
        assert runs[newer.id].status.value == "succeeded"


class TestDashboard:
    async def test_it_shows_where_everything_stands(self, api: Api, partner: Partner) -> None:
        async with api() as client:
            empty = (await client.get("/api/v1/dashboard")).json()
            await partner.connect()
            await client.post("/api/v1/mirrors")
            await post_load(api, "2026-05")
            await partner.settle()
            full = (await client.get("/api/v1/dashboard")).json()
        assert [each["status"] for each in empty["connections"]] == ["missing", "missing"]
        assert empty["last_load"] is None
        assert full["last_load"]["status"] == full["last_mirror"]["status"] == "succeeded"
        assert {each["kind"] for each in full["mirrors"]} >= {"organization", "company", "agreement"}
        assert [each["period"] for each in full["periods"]] == ["2026-06", "2026-05"]
