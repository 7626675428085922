"""Every published operation answers values that nothing can hold with a problem in 4xx, never with a crash."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography.fernet import Fernet

from services.audit.main import create as create_audit
from services.audit.settings import AuditSettings
from services.billing.main import create as create_billing
from services.billing.settings import BillingSettings
from services.kit.base.ids import new_id
from services.sync.main import create as create_sync
from services.sync.settings import SyncSettings
from tests.gateway.conftest import KEY, Door, OpenDoor, serving
from tests.gateway.test_document import OPERATIONS
from tests.gateway.test_tokens import make_token
from tests.support.databases import TestDatabase

OWNER = "owner@northwind.example"
ENDLESS = "follow_live"
PLACES: list[list[Any]] = [
    [True], [None], [1.5], [[1]], [{"a": 1}], ["\ud800"], ["a\0b"], ["x" * 401], [1 << 70], [], ["a"], [-1],
    [True, True], ["\ud800", "\ud800"], ["2026-03-01T00:00:00", "x"], ["0001-01-01T00:00:00+23:59", str(new_id())],
    ["9999-12-31T23:59:59-23:59", str(new_id())], [1, 2], ["", ""], ["a", "b"], ["name", "x", "y"], [1, 2, 3],
]  # fmt: skip
TEXTS = [
    "%00",
    "%ED%A0%80",
    "%FF",
    "x" * 5_000,
    "0000-01",
    "9999999999999999999999",
    "-1",
    "1e400",
    "NaN",
    "%F0%9F%98%80",
]
BODIES = [
    b'{"period": "0000-01"}', b'{"period": "9999-99"}', b'{"periods": ["0000-01"]}', b'"\\ud800"', b'{"\\ud800": 1}',
    b'{"\\u0000": "\\u0000"}', b"[" * 100_000, b"[]", b"null", b"true", b"1e400", b"NaN", b"9" * 5_000, b"",
    b"{}", b"\xff", '{"a": 1}'.encode("utf-16"),
]  # fmt: skip


@pytest.fixture
async def whole_door(open_door: OpenDoor, database: TestDatabase, redis_url: str) -> AsyncIterator[Door]:
    def told(service: str) -> dict[str, str]:
        return {"database_url": database.url(service), "redis_url": redis_url, "internal_key": KEY}

    sync = SyncSettings.model_validate(told("sync") | {"sealing_keys": Fernet.generate_key().decode()})
    async with AsyncExitStack() as running:
        urls = {
            "sync_url": await running.enter_async_context(serving(create_sync(sync))),
            "billing_url": await running.enter_async_context(
                serving(create_billing(BillingSettings.model_validate(told("billing"))))
            ),
            "audit_url": await running.enter_async_context(
                serving(create_audit(AuditSettings.model_validate(told("audit"))))
            ),
        }
        door = await running.enter_async_context(open_door(**urls))
        await door.make_partner(OWNER)
        yield door


@pytest.fixture
async def program(whole_door: Door) -> httpx.AsyncClient:
    made = await make_token(await whole_door.sign_in(OWNER), scopes=["read", "write", "admin"])
    return whole_door.client(Authorization=f"Bearer {made['token']}")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verb, operation in OPERATIONS:
        if operation["operationId"] != ENDLESS:
            yield path, verb, operation


def filled(path: str, value: str) -> str:
    """The path with `value` for each of its parameters."""
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def parameters(operation: dict[str, Any], place: str) -> list[str]:
    return [each["name"] for each in operation.get("parameters", []) if each["in"] == place]


def as_cursor(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


class Answers:
    """Sends requests, and remembers which answers were no problem in 4xx and no success."""

    def __init__(self, program: httpx.AsyncClient) -> None:
        self._program = program
        self.wrong: list[str] = []
        self.count = 0

    async def send(self, verb: str, address: str, body: bytes | None = None) -> None:
        headers = {} if body is None else {"content-type": "application/json"}
        answer = await self._program.request(verb.upper(), address, content=body, headers=headers)
        self.count += 1
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        if answer.status_code >= 500 or (answer.status_code >= 400 and not is_problem):
            self.wrong.append(
                f"{verb} {address[:100]} {(body or b'')[:40]!r}: {answer.status_code} {answer.text[:200]}"
            )


class TestEveryOperation:
    async def test_a_cursor_that_no_list_gave_out(self, program: httpx.AsyncClient) -> None:
        answers = Answers(program)
        for path, verb, operation in operations():
            if "cursor" in parameters(operation, "query"):
                for place in PLACES:
                    await answers.send(verb, f"{filled(path, str(new_id()))}?cursor={as_cursor(place)}")
        assert answers.wrong == []
        assert answers.count > 100

    async def test_a_query_that_nothing_can_hold(self, program: httpx.AsyncClient) -> None:
        answers = Answers(program)
        for path, verb, operation in operations():
            for name in parameters(operation, "query"):
                for text in TEXTS:
                    await answers.send(verb, f"{filled(path, str(new_id()))}?{quote(name)}={text}")
        assert answers.wrong == []
        assert answers.count > 100

    async def test_a_path_that_nothing_can_hold(self, program: httpx.AsyncClient) -> None:
        answers = Answers(program)
        for path, verb, operation in operations():
            if parameters(operation, "path"):
                for text in TEXTS:
                    await answers.send(verb, filled(path, text), b"{}" if "requestBody" in operation else None)
        assert answers.wrong == []
        assert answers.count > 50

    async def test_a_body_that_nothing_can_hold(self, program: httpx.AsyncClient) -> None:
        answers = Answers(program)
        for path, verb, operation in operations():
            if "requestBody" in operation:
                for body in BODIES:
                    await answers.send(verb, filled(path, str(new_id())), body)
        assert answers.wrong == []
        assert answers.count > 50
