"""Whatever the document allows to be sent to gateway and audit, the answer is one that the document promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.audit.main import create as create_audit
from services.audit.settings import AuditSettings
from services.gateway.routing import service_of
from tests.gateway.conftest import KEY, Door, OpenDoor, serving
from tests.gateway.test_document import OPERATIONS, STORED
from tests.gateway.test_tokens import make_token
from tests.support.databases import TestDatabase

OWNER = "owner@northwind.example"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = "follow_live"
OURS = [
    (verb, path)
    for path, verb, operation in OPERATIONS
    if service_of(path) in {"gateway", "audit"} and operation["operationId"] != ENDLESS
]


@pytest.fixture
async def whole_door(open_door: OpenDoor, database: TestDatabase, redis_url: str) -> AsyncIterator[Door]:
    told = {"database_url": database.url("audit"), "redis_url": redis_url, "internal_key": KEY}
    async with (
        serving(create_audit(AuditSettings.model_validate(told))) as audit_url,
        open_door(audit_url=audit_url) as door,
    ):
        await door.make_partner(OWNER)
        yield door


class TestWhatTheDocumentPromises:
    @pytest.mark.parametrize(("verb", "path"), OURS)
    async def test_no_request_finds_an_answer_that_is_not_in_it(self, whole_door: Door, verb: str, path: str) -> None:
        made = await make_token(await whole_door.sign_in(OWNER), scopes=["read", "write", "admin"])
        operation = schemathesis.openapi.from_dict(STORED)[path][verb]

        @settings(
            max_examples=20,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            headers = {"Authorization": f"Bearer {made['token']}"}
            case.call_and_validate(base_url=whole_door.url, headers=headers, checks=CHECKS, timeout=10)

        await asyncio.to_thread(send)
