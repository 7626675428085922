import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError
from starlette.requests import ClientDisconnect

from services.contracts.identity import IDENTITY_HEADER, Identity
from services.kit.base.db import Database
from services.kit.web import app as kit_app
from services.kit.web import edge
from services.kit.web.bodies import MOST_UPLOADS, BodyReader
from services.kit.web.database_errors import TooBusy, explain_database_error
from services.kit.web.edge import Correlation
from tests.kit.conftest import Ledger, in_the_name_of, leave_trace
from tests.kit.shop import client_of, headers_of, open_shop, settings_for
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.usefixtures("quiet_logging")


@pytest.fixture
async def shop(database: TestDatabase, redis_url: str, who: Identity) -> AsyncIterator[httpx.AsyncClient]:
    async with open_shop(settings_for(database.url("sync"), redis_url, max_body_bytes=1000)) as client:
        client.headers = httpx.Headers(headers_of(who))
        yield client


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == answer.status_code
    assert said["correlation_id"] == answer.headers["x-correlation-id"]
    return said


class TestProblems:
    async def test_a_fact_says_what_happened_and_what_to_do(self, shop: httpx.AsyncClient) -> None:
        said = problem(await shop.post("/orders", json={"name": "closed", "price": "1.00"}))

        assert said == {
            "type": "urn:tieout:problem:shop_is_closed",
            "title": "Shop is closed",
            "status": 409,
            "code": "shop_is_closed",
            "detail": "The shop is closed.",
            "action": "Come back tomorrow.",
            "current": {"opens": "08:00"},
            "correlation_id": said["correlation_id"],
        }

    async def test_invalid_fields_are_named(self, shop: httpx.AsyncClient) -> None:
        said = problem(await shop.post("/orders?", json={"price": 1.5, "amounts": ["1", "x"]}))

        assert (said["status"], said["code"]) == (422, "invalid_fields")
        assert {each["field"]: each["message"] for each in said["errors"]} == {
            "name": "Field required",
            "price": "send amounts as decimal strings, not as JSON numbers with a fraction",
            "amounts.1": "Input should be a valid decimal",
        }

    async def test_a_parameter_is_named_with_its_place(self, shop: httpx.AsyncClient) -> None:
        said = problem(await shop.get("/orders?limit=1001"))

        assert [each["field"] for each in said["errors"]] == ["query.limit"]

    async def test_what_is_not_json_is_said_to_be_so(self, shop: httpx.AsyncClient) -> None:
        said = problem(await shop.post("/orders", content=b'{"name": ', headers={"content-type": "application/json"}))

        assert said["errors"] == [{"field": "body", "message": "This is not JSON: Expecting value at character 9"}]

    async def test_a_missing_body_is_named(self, shop: httpx.AsyncClient) -> None:
        assert problem(await shop.post("/orders"))["errors"][0]["field"] == "body"

    async def test_an_address_that_does_not_exist_is_404(self, shop: httpx.AsyncClient) -> None:
        said = problem(await shop.get("/nowhere"))

        assert (said["code"], said["detail"]) == ("not_found", "There is nothing at /nowhere.")

    async def test_a_verb_that_does_not_exist_is_405_with_those_that_do(self, shop: httpx.AsyncClient) -> None:
        answer = await shop.delete("/orders")

        assert problem(answer)["code"] == "method_not_allowed"
        assert set(answer.headers["allow"].split(", ")) & {"GET", "POST"}

    @pytest.mark.parametrize(
        ("raised", "status", "code"),
        [
            (400, 400, "bad_request"),
            (413, 413, "too_large"),
            (415, 415, "unsupported_media_type"),
            (418, 400, "bad_request"),
            (429, 429, "too_many_tries"),
            (502, 500, "internal_error"),
            (503, 503, "unavailable"),
        ],
    )
    async def test_what_the_framework_raises_keeps_its_meaning(
        self, shop: httpx.AsyncClient, raised: int, status: int, code: str
    ) -> None:
        said = problem(await shop.get(f"/http/{raised}"))

        assert (said["status"], said["code"], said["detail"]) == (status, code, f"/http/{raised}: said Starlette")

    async def test_a_crash_is_logged_and_says_nothing_of_its_cause(
        self, shop: httpx.AsyncClient, logged: list[dict[str, Any]]
    ) -> None:
        said = problem(await shop.get("/crash", headers={"x-correlation-id": "c-42"}))

        assert (said["status"], said["code"], said["correlation_id"]) == (500, "internal_error", "c-42")
        assert "hunter2" not in str(said)
        assert [(each["event"], each["correlation_id"], each["path"]) for each in logged] == [
            ("request crashed", "c-42", "/crash")
        ]

    async def test_a_crash_in_the_middle_of_an_answer_breaks_it_off(
        self, shop: httpx.AsyncClient, logged: list[dict[str, Any]]
    ) -> None:
        answer = await shop.get("/half")

        assert answer.text == "the first half"
        assert [each["event"] for each in logged] == ["request crashed"]

    async def test_a_commit_that_fails_is_not_answered_as_done(self, shop: httpx.AsyncClient) -> None:
        assert problem(await shop.post("/late"))["status"] == 500

    async def test_an_error_above_500_is_logged(self, shop: httpx.AsyncClient, logged: list[dict[str, Any]]) -> None:
        request: Any = type("Request", (), {"url": httpx.URL("http://shop/x"), "state": object()})

        answer = await edge._on_fact(request, edge.InternalError("It broke."))

        assert answer.status_code == 500
        assert [(each["event"], each["code"]) for each in logged] == [("request failed", "internal_error")]

    @pytest.mark.parametrize("handler", [edge._on_fact, edge._on_invalid, edge._on_http])
    async def test_a_handler_passes_on_what_is_not_its_own(self, handler: Callable[..., Any]) -> None:
        with pytest.raises(RuntimeError):
            await handler(None, RuntimeError())


class TestDatabaseMishaps:
    async def test_a_number_too_large_for_its_column_is_the_callers_fault(self, shop: httpx.AsyncClient) -> None:
        assert problem(await shop.get(f"/number?number={10**12}"))["code"] == "value_cannot_be_stored"

    async def test_a_database_that_is_away_is_503(
        self, free_port: Callable[[], int], redis_url: str, who: Identity
    ) -> None:
        url = f"postgresql://nobody:none@127.0.0.1:{free_port()}/none"
        async with open_shop(settings_for(url, redis_url)) as client:
            said = problem(await client.get("/orders", headers=headers_of(who)))
            health = problem(await client.get("/healthz"))

        assert (said["status"], said["code"]) == (503, "database_is_away")
        assert (health["status"], health["code"]) == (503, "database_is_away")

    async def test_a_statement_that_runs_too_long_is_ended_and_503(
        self, database: TestDatabase, redis_url: str, who: Identity
    ) -> None:
        async with open_shop(settings_for(database.url("sync"), redis_url, statement_seconds=0.1)) as client:
            said = problem(await client.get("/sleep?seconds=60", headers=headers_of(who)))

        assert (said["status"], said["code"]) == (503, "statement_took_too_long")

    async def test_a_row_that_somebody_else_keeps_locked_is_503(
        self, database: TestDatabase, redis_url: str, who: Identity, sync_db: Database
    ) -> None:
        order = {"name": "pen", "price": "1.00"}
        async with (
            open_shop(settings_for(database.url("sync"), redis_url, lock_seconds=0.1)) as client,
            sync_db.writing(in_the_name_of(who.partner_id)) as session,
        ):
            await leave_trace(session, "pen")
            said = problem(await client.post("/orders", json=order, headers=headers_of(who)))

        assert (said["status"], said["code"]) == (503, "too_busy")

    async def test_a_full_pool_is_503(
        self, database: TestDatabase, redis_url: str, who: Identity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.kit.base.db.POOL_SECONDS", 0.05)
        app = kit_app.create_app("sync", settings_for(database.url("sync"), redis_url, db_pool_size=1), [], title="x")

        @app.get("/wait")
        async def wait(session: kit_app.Reading) -> None:
            db: Database = app.state.database
            async with db.reading(session.circumstances), db.reading(session.circumstances):
                pass

        async with app.router.lifespan_context(app), client_of(app) as client:
            assert problem(await client.get("/wait", headers=headers_of(who)))["code"] == "too_busy"

    async def test_a_deadlock_is_503_so_that_the_caller_tries_again(self, sync_db: Database, who: Identity) -> None:
        async def change(first: str, second: str, ready: asyncio.Event, go: asyncio.Event) -> None:
            async with sync_db.writing(in_the_name_of(who.partner_id)) as session:
                await leave_trace(session, first)
                ready.set()
                await go.wait()
                await leave_trace(session, second)

        ready = [asyncio.Event(), asyncio.Event()]
        outcomes = await asyncio.gather(
            change("a", "b", ready[0], ready[1]), change("b", "a", ready[1], ready[0]), return_exceptions=True
        )

        facts = [explain_database_error(each) for each in outcomes if isinstance(each, Exception)]
        assert [type(each) for each in facts if each is not None] == [TooBusy]

    async def test_a_duplicate_key_is_a_fault_of_ours(self, sync_db: Database, who: Identity) -> None:
        async with sync_db.writing(in_the_name_of(who.partner_id)) as session:
            await leave_trace(session, "a")
            with pytest.raises(DBAPIError) as refused:
                await leave_trace(session, "a")
            await session.rollback()

        assert explain_database_error(refused.value) is None


class TestHealth:
    async def test_a_service_that_reaches_its_database_is_well(self, shop: httpx.AsyncClient) -> None:
        answer = await shop.get("/healthz", headers={IDENTITY_HEADER: ""})

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


class TestCorrelation:
    async def test_an_id_given_comes_back(self, shop: httpx.AsyncClient) -> None:
        answer = await shop.get("/public", headers={"x-correlation-id": "c-7"})

        assert (answer.headers["x-correlation-id"], answer.json()) == ("c-7", {"correlation_id": "c-7"})

    @pytest.mark.parametrize("given", ["", "x" * 81, "two\tlines", "\x7f"])
    async def test_an_id_that_does_not_fit_is_replaced(self, shop: httpx.AsyncClient, given: str) -> None:
        answer = await shop.get("/public", headers={"x-correlation-id": given})

        assert len(answer.headers["x-correlation-id"]) == 36

    async def test_nothing_bound_to_one_request_reaches_the_next(self, shop: httpx.AsyncClient, who: Identity) -> None:
        """In-process calls share one task, as the requests of one connection may share a context."""
        first = (await shop.get("/context")).json()
        second = (await shop.get("/public")).json()

        assert first == {"actor": "u1", "correlation_id": "c-1", "partner": str(who.partner_id)}
        assert set(second) == {"correlation_id"}

    async def test_two_requests_at_once_keep_their_contexts_apart(self, shop: httpx.AsyncClient, who: Identity) -> None:
        others = [who.model_copy(update={"partner_id": uuid4(), "correlation_id": f"c-{n}"}) for n in range(20)]

        answers = await asyncio.gather(*(shop.get("/context", headers=headers_of(each)) for each in others))

        assert [answer.json()["partner"] for answer in answers] == [str(each.partner_id) for each in others]
        assert [answer.json()["correlation_id"] for answer in answers] == [each.correlation_id for each in others]

    async def test_a_client_that_went_away_is_no_crash(self, logged: list[dict[str, Any]]) -> None:
        async def disconnected(_scope: Any, _receive: Any, _send: Any) -> None:
            raise ClientDisconnect

        await Correlation(disconnected)({"type": "http", "headers": [], "path": "/x"}, _nothing, _nothing)

        assert [(each["event"], each["log_level"]) for each in logged] == [("client went away", "info")]

    @pytest.mark.parametrize("middleware", [Correlation, lambda app: BodyReader(app, 10, 1, edge.render)])
    async def test_other_protocols_pass_through(self, middleware: Callable[[Any], Any]) -> None:
        seen: list[str] = []

        async def note(scope: Any, _receive: Any, _send: Any) -> None:
            seen.append(scope["type"])

        await middleware(note)({"type": "lifespan"}, _nothing, _nothing)

        assert seen == ["lifespan"]


async def _nothing(*_arguments: Any) -> Any:
    return None


class TestBodyLimit:
    async def test_a_body_within_the_limit_passes(self, shop: httpx.AsyncClient) -> None:
        assert (await shop.post("/upload", content=b"x" * 1000)).json() == 1000

    async def test_a_declared_length_over_the_limit_is_refused_unread(self, shop: httpx.AsyncClient) -> None:
        said = problem(await shop.post("/upload", content=b"x" * 1001))

        assert (said["status"], said["code"]) == (413, "body_too_large")
        assert said["detail"] == "The request body is larger than 1,000 bytes."

    @pytest.mark.parametrize("path", ["/upload", "/orders"])
    async def test_a_stream_is_refused_where_it_passes_the_limit(self, shop: httpx.AsyncClient, path: str) -> None:
        async def stream() -> AsyncIterator[bytes]:
            for _ in range(5):
                yield b'"' + b"x" * 300

        said = problem(await shop.post(path, content=stream(), headers={"content-type": "application/json"}))

        assert (said["status"], said["code"]) == (413, "body_too_large")

    async def test_a_body_that_does_not_arrive_is_refused_after_its_time(
        self, database: TestDatabase, redis_url: str, who: Identity
    ) -> None:
        async def stalled() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(60)

        settings = settings_for(database.url("sync"), redis_url, body_seconds=0.1)
        async with open_shop(settings) as client:
            said = problem(await client.post("/orders", content=stalled(), headers=headers_of(who)))

        assert (said["status"], said["code"]) == (408, "body_too_slow")
        assert said["detail"] == "The request body did not arrive within 0.1 seconds."

    async def test_a_client_that_leaves_before_its_body_came_is_no_crash(self, logged: list[dict[str, Any]]) -> None:
        async def gone() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "POST", "path": "/x", "headers": [(b"content-length", b"9")]}
        await Correlation(BodyReader(_nothing, 10, 1, edge.render))(scope, gone, _nothing)

        assert [each["event"] for each in logged] == ["client went away"]


class TestUploads:
    """Addresses that take whole files have bounds of their own."""

    async def ask(self, app: Any, body: bytes, path: str = "/files") -> int:
        reader = BodyReader(app, 10, 1, edge.render, uploads={"/files": (100, 1)})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=reader), base_url="http://shop") as client:
            return (await client.post(path, content=body)).status_code

    @pytest.mark.parametrize(("size", "path", "status"), [(100, "/files", 204), (101, "/files", 413), (11, "/x", 413)])
    async def test_a_file_may_be_longer_than_other_bodies(self, size: int, path: str, status: int) -> None:
        assert await self.ask(_say_nothing, b"\0" * size, path) == status

    async def test_no_more_files_than_fit_into_memory_are_taken_at_once(self) -> None:
        go_on, waiting = asyncio.Event(), asyncio.Semaphore(0)

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            waiting.release()
            await go_on.wait()
            await _say_nothing(scope, receive, send)

        reader = BodyReader(slow, 10, 1, edge.render, uploads={"/files": (100, 1)})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=reader), base_url="http://shop") as client:
            first = [asyncio.create_task(client.post("/files", content=b"x")) for _ in range(MOST_UPLOADS)]
            for _ in first:
                await waiting.acquire()
            assert (await client.post("/files", content=b"x")).json()["code"] == "too_many_uploads"
            go_on.set()
            assert {each.status_code for each in await asyncio.gather(*first)} == {204}


async def _say_nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


UNSTORABLE = {
    "an escaped NUL": b'{"name": "a\\u0000", "price": "1.00"}',
    "a raw NUL": b'{"name": "a\x00", "price": "1.00"}',
    "half of a pair": b'{"name": "\\ud800", "price": "1.00"}',
    "the other half": b'{"name": "\\uDC00", "price": "1.00"}',
    "half of a pair as a key": b'{"\\ud800": 1, "name": "a", "price": "1.00"}',
    "half of a pair in bytes": b'{"name": "\xed\xa0\x80", "price": "1.00"}',
    "bytes of another alphabet": '{"name": "é", "price": "1.00"}'.encode("latin-1"),
    "UTF-16": '{"name": "a", "price": "1.00"}'.encode("utf-16-le"),
}
STORABLE = {
    "a pair": b'{"name": "\\ud83d\\ude00", "price": "1.00"}',
    "a backslash before what looks like a NUL": b'{"name": "\\\\u0000", "price": "1.00"}',
    "an accent": '{"name": "é", "price": "1.00"}'.encode(),
}


class TestTextThatCannotBeStored:
    @pytest.mark.parametrize("body", UNSTORABLE.values(), ids=UNSTORABLE)
    async def test_it_is_refused_in_a_body(self, shop: httpx.AsyncClient, body: bytes) -> None:
        said = problem(await shop.post("/orders", content=body, headers={"content-type": "application/json"}))

        assert (said["status"], said["code"], said["errors"][0]["field"]) == (422, "invalid_fields", "body")

    @pytest.mark.parametrize("body", STORABLE.values(), ids=STORABLE)
    async def test_what_only_looks_like_it_passes(self, shop: httpx.AsyncClient, body: bytes) -> None:
        answer = await shop.post("/orders", content=body, headers={"content-type": "application/json"})

        assert answer.status_code == 200, answer.text

    @pytest.mark.parametrize(
        ("address", "place"),
        [("/echo?said=%00", "query"), ("/echo?said=%ED%A0%80", "query"), ("/echo?said=%FF", "query"), ("/%00", "path")],
    )
    async def test_it_is_refused_in_an_address(self, shop: httpx.AsyncClient, address: str, place: str) -> None:
        said = problem(await shop.get(address))

        assert (said["status"], said["code"], said["errors"][0]["field"]) == (422, "invalid_fields", place)


class TestIdentify:
    async def test_a_call_without_identity_is_refused(self, shop: httpx.AsyncClient) -> None:
        del shop.headers[IDENTITY_HEADER]

        answer = await shop.get("/orders")

        assert problem(answer)["code"] == "identity_not_trusted"
        assert answer.headers["www-authenticate"] == "Bearer"

    async def test_a_forged_identity_is_refused(self, shop: httpx.AsyncClient) -> None:
        forged = shop.headers[IDENTITY_HEADER][:-2] + "xx"

        assert (await shop.get("/orders", headers={IDENTITY_HEADER: forged})).status_code == 401


class TestSessions:
    async def test_a_request_acts_for_its_partner_alone(
        self, shop: httpx.AsyncClient, who: Identity, ledger: Ledger
    ) -> None:
        await shop.post("/orders", json={"name": "pen", "price": "1.00"})
        other = who.model_copy(update={"partner_id": uuid4()})

        assert (await shop.get("/orders")).json() == 1
        assert (await shop.get("/orders", headers=headers_of(other))).json() == 0
        assert await ledger.traces() == ["pen"]

    async def test_a_request_that_fails_changes_nothing(self, shop: httpx.AsyncClient, ledger: Ledger) -> None:
        await shop.post("/orders", json={"name": "closed", "price": "1.00"})

        assert await ledger.traces() == []


class TestLifespan:
    async def test_a_service_opens_its_own_things_inside_the_shared_ones(
        self, database: TestDatabase, redis_url: str
    ) -> None:
        seen: list[str] = []

        @asynccontextmanager
        async def own(app: FastAPI) -> AsyncIterator[None]:
            assert await app.state.database.is_reachable()
            seen.append("open")
            yield
            assert await app.state.database.is_reachable()
            seen.append("closed")

        async with open_shop(settings_for(database.url("sync"), redis_url), lifespan=own):
            assert seen == ["open"]

        assert seen == ["open", "closed"]
