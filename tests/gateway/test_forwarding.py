"""What is carried to the services, what is kept from them, and what happens when they are away."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml

from services.contracts.vocabulary import Role
from services.kit.web.identity import check_identity
from tests.gateway.conftest import KEY, Door, OpenDoor
from tests.gateway.service import DOCUMENT, Service

OWNER = "owner@northwind.example"


@pytest.fixture
async def door(service: Service, open_door: OpenDoor, tmp_path: Path) -> AsyncIterator[Door]:
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT))
    async with open_door(sync_url=service.url, openapi_file=file, forward_seconds=0.5, max_body_bytes=10_000) as door:
        await door.make_partner(OWNER)
        yield door


@pytest.fixture
async def owner(door: Door) -> httpx.AsyncClient:
    return await door.sign_in(OWNER)


class TestForwarding:
    async def test_the_service_is_told_who_is_asking_and_sees_no_credential(
        self, service: Service, owner: httpx.AsyncClient
    ) -> None:
        forged = {
            "X-Tieout-Identity": "forged",
            "X-Correlation-Id": "corr-1",
            "X-Mine": "kept",
            "Connection": "x-hop",
            "X-Hop": "1",
        }
        answer = await owner.get("/api/v1/runs", params={"status": "a b", "kind": "load"}, headers=forged)

        assert answer.text == "done"
        (seen,) = service.seen
        identity = check_identity(seen.headers["x-tieout-identity"], KEY)
        assert identity.actor_name == "owner"
        assert identity.actor_id.startswith("user/")
        assert identity.roles == {Role.OWNER}
        assert (
            identity.correlation_id
            == seen.headers["x-correlation-id"]
            == answer.headers["x-correlation-id"]
            == "corr-1"
        )
        assert seen.url.query == "status=a+b&kind=load"
        assert seen.headers["x-mine"] == "kept"
        assert not {"cookie", "authorization", "x-csrf-token", "x-hop"} & set(seen.headers)

    async def test_a_program_acts_as_its_token(self, service: Service, owner: httpx.AsyncClient, door: Door) -> None:
        made = (await owner.post("/api/v1/tokens", json={"name": "nightly", "scopes": ["read"]})).json()
        await door.client(Authorization=f"Bearer {made['token']}").get("/api/v1/runs")

        identity = check_identity(service.seen[0].headers["x-tieout-identity"], KEY)
        assert (identity.actor_id, identity.actor_name) == (f"token/{made['id']}", "nightly")

    async def test_the_answer_comes_back_as_it_is_without_what_belongs_to_the_hop(
        self, owner: httpx.AsyncClient
    ) -> None:
        answer = await owner.get("/api/v1/runs")
        assert answer.headers["x-kept"] == "2"
        assert answer.headers["etag"] == '"7"'
        assert "x-secret" not in answer.headers
        assert answer.headers.get("server") != "inner"
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers.get_list("x-correlation-id")) == 1

    async def test_a_problem_of_the_service_stays_what_it_is(self, owner: httpx.AsyncClient) -> None:
        answer = await owner.get("/api/v1/runs?do=problem")
        assert (answer.status_code, answer.json()) == (409, {"code": "plan_is_stale"})
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_an_encoded_path_arrives_as_it_was_sent(self, service: Service, owner: httpx.AsyncClient) -> None:
        await owner.get("/api/v1/runs/a%20b%3Fc")
        assert service.seen[0].scope["raw_path"] == b"/api/v1/runs/a%20b%3Fc"

    @pytest.mark.parametrize("path", ["/api/v1/runs/%2e%2e", "/api/v1/runs/..%2fconnections", "/api/v1/runs/%2E"])
    async def test_a_path_that_climbs_reaches_no_service(
        self, service: Service, owner: httpx.AsyncClient, path: str
    ) -> None:
        answer = await owner.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_operation")
        assert service.seen == []

    async def test_an_answer_is_passed_on_while_it_is_written(self, service: Service, owner: httpx.AsyncClient) -> None:
        plain = {"Accept-Encoding": "identity"}
        async with owner.stream("GET", "/api/v1/runs?do=stream", headers=plain) as answer:
            parts = answer.aiter_raw()
            assert await anext(parts) == b"first,"
            service.go_on.set()
            assert b"".join([part async for part in parts]) == b"second"

    async def test_a_body_that_comes_in_parts_arrives_whole(self, service: Service, owner: httpx.AsyncClient) -> None:
        async def two_halves() -> AsyncIterator[bytes]:
            yield b"first,"
            yield b"second"

        answer = await owner.post("/api/v1/loads?do=take", content=two_halves())
        assert answer.status_code == 200
        assert b"".join(service.bodies) == b"first,second"
        assert service.seen[0].headers["content-length"] == "12"

    async def test_an_answer_that_breaks_off_is_not_passed_on_as_whole(self, owner: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await owner.get("/api/v1/runs?do=break")


class TestRefusals:
    async def test_nobody_is_forwarded_without_a_credential(self, door: Door, service: Service) -> None:
        assert (await door.client().get("/api/v1/runs")).status_code == 401
        assert service.seen == []

    async def test_a_write_without_the_csrf_token_is_not_forwarded(
        self, service: Service, owner: httpx.AsyncClient
    ) -> None:
        del owner.headers["X-CSRF-Token"]
        assert (await owner.post("/api/v1/loads", json={})).status_code == 403
        assert service.seen == []

    async def test_a_role_that_does_not_reach_it_is_not_forwarded(self, door: Door, service: Service) -> None:
        viewer = await door.sign_in_as(Role.VIEWER)
        answer = await viewer.post("/api/v1/loads", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_does_not_allow")
        assert service.seen == []

    @pytest.mark.parametrize("declared", [True, False])
    async def test_an_oversized_body_is_refused_however_it_comes(
        self, owner: httpx.AsyncClient, declared: bool
    ) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(11):
                yield b"x" * 1000

        body = b"x" * 11_000 if declared else parts()
        answer = await owner.post("/api/v1/loads?do=take", content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    async def test_an_unknown_path_is_a_problem(self, owner: httpx.AsyncClient) -> None:
        for path in ("/api/v1/nothing", "/api/v1/", "/api/v2/runs", "/api/"):
            answer = await owner.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_operation")
            assert answer.headers["content-type"] == "application/problem+json"

    async def test_another_verb_is_a_problem(self, owner: httpx.AsyncClient) -> None:
        answer = await owner.delete("/api/v1/runs")
        assert (answer.status_code, answer.json()["code"]) == (405, "verb_not_allowed")


class TestServiceTrouble:
    async def test_a_service_that_is_away_is_a_problem_with_its_name(self, open_door: OpenDoor, tmp_path: Path) -> None:
        file = tmp_path / "openapi.yaml"
        file.write_text(yaml.safe_dump(DOCUMENT))
        async with open_door(sync_url="http://127.0.0.1:9", openapi_file=file) as door:
            await door.make_partner(OWNER)
            answer = await (await door.sign_in(OWNER)).get("/api/v1/runs")
        assert (answer.status_code, answer.json()["code"]) == (503, "service_away")
        assert answer.json()["detail"] == "The sync service does not answer."

    async def test_a_service_that_is_slow_is_not_waited_for_for_ever(self, owner: httpx.AsyncClient) -> None:
        answer = await owner.get("/api/v1/runs?do=sleep")
        assert (answer.status_code, answer.json()["code"]) == (504, "service_too_slow")
