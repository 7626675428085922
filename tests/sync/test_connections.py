"""Connections are saved sealed, shown without secrets, bound to their address, and tested right by right."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from services.contracts.events.sync import ConnectionSaved
from services.kit.base.crypto import Sealer
from services.sandbox.faults import FaultKind
from services.sync.connections.models import ConnectionRow
from tests.sync.conftest import (
    APPXITE,
    APPXITE_CONNECTION,
    CONNECTWISE,
    CONNECTWISE_CONNECTION,
    SEALING_KEY,
    Partner,
    StandIns,
)

Api = Callable[..., httpx.AsyncClient]
PLACES: dict[str, dict[str, Any]] = {"appxite": APPXITE_CONNECTION, "connectwise": CONNECTWISE_CONNECTION}


async def put(api: Api, system: str, given: dict[str, Any]) -> httpx.Response:
    async with api() as client:
        return await client.put(f"/api/v1/connections/{system}", json=given)


class TestSave:
    @pytest.mark.parametrize("system", ["appxite", "connectwise"])
    async def test_what_is_saved_is_shown_without_its_secrets(self, api: Api, partner: Partner, system: str) -> None:
        given = PLACES[system]
        saved = await put(api, system, given)
        assert saved.status_code == 200, saved.text
        async with api() as client:
            shown = await client.get(f"/api/v1/connections/{system}")
        assert shown.json() == saved.json()
        assert (shown.json()["status"], shown.json()["has_secret"]) == ("untested", True)
        facts = await partner.facts(ConnectionSaved)
        for secret in given["secrets"].values():
            assert secret not in shown.text
            assert secret not in f"{facts}"

    async def test_secrets_are_sealed_at_rest(self, api: Api, partner: Partner) -> None:
        await put(api, "appxite", APPXITE_CONNECTION)
        async with partner.database.reading(partner.circumstances) as session:
            row = (await session.scalars(select(ConnectionRow))).one()
        assert APPXITE_CONNECTION["secrets"]["key"].encode() not in row.sealed
        assert Sealer(SEALING_KEY).open(row.sealed) == APPXITE_CONNECTION["secrets"]

    async def test_one_that_was_never_saved_is_missing(self, api: Api) -> None:
        async with api() as client:
            assert (await client.get("/api/v1/connections/connectwise")).json()["status"] == "missing"

    async def test_a_profile_can_change_without_the_key(self, api: Api) -> None:
        await put(api, "appxite", APPXITE_CONNECTION)
        changed = {**APPXITE_CONNECTION, "profile": "reporting-legacy", "secrets": {}}
        answer = await put(api, "appxite", changed)
        assert (answer.status_code, answer.json()["profile"]) == (200, "reporting-legacy")

    @pytest.mark.parametrize(
        "change", [{"address": "https://elsewhere.example"}, {"settings": {"seller_id": "another"}}]
    )
    async def test_a_kept_secret_never_goes_to_another_place(self, api: Api, change: dict[str, Any]) -> None:
        await put(api, "appxite", APPXITE_CONNECTION)
        answer = await put(api, "appxite", {**APPXITE_CONNECTION, **change, "secrets": {}})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["secrets.key"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"address": "http://api.appxite.example"}, "address"),
            ({"address": "https://key:secret@api.appxite.example"}, "address"),
            ({"address": "https://api.appxite.example?sasKey=x"}, "address"),
            ({"address": "ftp://127.0.0.1"}, "address"),
            ({"profile": "reporting-v9"}, "profile"),
            ({"settings": {}}, "settings.seller_id"),
            ({"settings": {"seller_id": "x", "colour": "red"}}, "settings.colour"),
        ],
    )
    async def test_what_is_wrong_is_named(self, api: Api, change: dict[str, Any], field: str) -> None:
        answer = await put(api, "appxite", {**APPXITE_CONNECTION, **change})
        assert answer.status_code == 422
        assert field in [error["field"] for error in answer.json()["errors"]]

    async def test_another_partner_sees_nothing_of_it(self, api: Api) -> None:
        await put(api, "appxite", APPXITE_CONNECTION)
        async with api(uuid4()) as stranger:
            assert (await stranger.get("/api/v1/connections/appxite")).json()["status"] == "missing"


async def check(api: Api, system: str) -> Any:
    async with api() as client:
        answer = await client.post(f"/api/v1/connections/{system}/test")
        assert answer.status_code == 200, answer.text
        shown = (await client.get(f"/api/v1/connections/{system}")).json()
    return {**answer.json(), "shown": shown}


class TestTestConnection:
    @pytest.mark.parametrize("system", ["appxite", "connectwise"])
    async def test_a_connection_with_every_right_is_ok(self, api: Api, system: str) -> None:
        await put(api, system, PLACES[system])
        outcome = await check(api, system)
        assert outcome["ok"], outcome["checks"]
        assert (outcome["shown"]["status"], outcome["shown"]["missing_rights"]) == ("ok", [])
        assert outcome["shown"]["tested_at"] is not None

    async def test_each_missing_right_is_named(self, api: Api, stand_ins: StandIns) -> None:
        await put(api, "connectwise", CONNECTWISE_CONNECTION)
        for method, path in (("GET", "*/procurement/catalog"), ("POST", "*/additions")):
            fault = {"kind": FaultKind.FORBIDDEN, "method": method, "path": path, "every": 1}
            await stand_ins.order(CONNECTWISE, "faults", **fault)
        outcome = await check(api, "connectwise")
        missing = ["Procurement > Product Catalog: Inquire", "Finance > Agreements: Add"]
        assert not outcome["ok"]
        assert outcome["shown"]["missing_rights"] == missing
        assert outcome["shown"]["status"] == "failing"

    async def test_the_rights_that_only_the_proof_needs_say_so(self, api: Api, stand_ins: StandIns) -> None:
        await put(api, "connectwise", CONNECTWISE_CONNECTION)
        fault = {"kind": FaultKind.FORBIDDEN, "method": "GET", "path": "*/finance/invoices", "every": 1}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        outcome = await check(api, "connectwise")
        assert outcome["shown"]["missing_rights"] == ["Finance > Invoicing: Inquire"]
        (said,) = [each for each in outcome["checks"] if not each["ok"]]
        assert "no receipt can show what was billed" in " ".join(map(str, said.values()))

    async def test_wrong_keys_are_told_from_missing_rights(self, api: Api) -> None:
        secrets = {**CONNECTWISE_CONNECTION["secrets"], "private_key": "wrong"}
        await put(api, "connectwise", {**CONNECTWISE_CONNECTION, "secrets": secrets})
        outcome = await check(api, "connectwise")
        (only,) = outcome["checks"]
        assert (only["name"], only["ok"]) == ("Sign in", False)
        assert "keys are wrong" in only["detail"]

    async def test_a_wrong_appxite_key_fails_every_check(self, api: Api) -> None:
        await put(api, "appxite", {**APPXITE_CONNECTION, "secrets": {"key": "wrong"}})
        outcome = await check(api, "appxite")
        assert outcome["checks"]
        assert not any(each["ok"] for each in outcome["checks"])

    async def test_the_test_changes_nothing_upstream(self, api: Api, stand_ins: StandIns) -> None:
        await put(api, "connectwise", CONNECTWISE_CONNECTION)
        before = await stand_ins.state(CONNECTWISE)
        await check(api, "connectwise")
        assert await stand_ins.state(CONNECTWISE) == before

    async def test_without_credentials_there_is_nothing_to_test(self, api: Api) -> None:
        async with api() as client:
            answer = await client.post("/api/v1/connections/appxite/test")
        assert (answer.status_code, answer.json()["code"]) == (409, "connection_missing")

    async def test_a_site_that_is_not_there_is_said_so(self, api: Api, stand_ins: StandIns) -> None:
        await stand_ins.order(APPXITE, "faults", kind=FaultKind.HTML_502, every=1)
        await put(api, "appxite", APPXITE_CONNECTION)
        outcome = await check(api, "appxite")
        assert {each["detail"] for each in outcome["checks"]} == {"status 502"}
