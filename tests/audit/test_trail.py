"""The trail: everything lands in it, in one chain per partner, and nobody changes it unseen."""

import asyncio
import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.audit.trail.chain import GENESIS
from services.contracts.envelope import Actor
from services.contracts.events.billing import LineEdited
from services.contracts.events.gateway import SessionOpened, TokenIssued
from services.contracts.events.sync import PlanComputed, RowsLoaded
from services.contracts.routes import EVENT_TYPES, ROUTES
from services.contracts.shapes import FieldChange, InvoiceFacts
from services.kit.base.ids import new_id
from tests.audit.conftest import ANNA, Desk

URL = "/api/v1/audit-trail"


def an_edit(after: str = "12.50") -> LineEdited:
    change = FieldChange(field="unit_price", before="10.00", after=after)
    return LineEdited(line_id=new_id(), period="2026-03", changes=[change], reason="agreed with the customer")


def some_rows() -> RowsLoaded:
    invoice = InvoiceFacts(
        invoice_id="i1",
        number="INV-1",
        invoice_date=date(2026, 3, 1),
        period="2026-03",
        currency="EUR",
        status="Verified",
        is_sendable=True,
    )
    return RowsLoaded(run_id=new_id(), part=0, period="2026-03", invoices=[invoice] * 3, rows=[])


async def verification(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(f"{URL}/verification")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


class TestMap:
    def test_every_fact_is_routed_to_audit(self) -> None:
        assert ROUTES.keys() == set(EVENT_TYPES.values())
        assert all("audit" in consumers for consumers in ROUTES.values())


class TestAppend:
    async def test_a_fact_is_kept_with_who_did_what_to_what_and_why(
        self, desk: Desk, client: httpx.AsyncClient
    ) -> None:
        fact = an_edit()
        event_id = await desk.record(fact, f"line/{fact.line_id}")

        entry = (await client.get(f"{URL}/{event_id}")).json()

        assert entry["type"] == "billing.line.edited.v1"
        assert entry["actor"] == {"id": "user/1", "name": "Anna"}
        assert entry["subject"] == f"line/{fact.line_id}"
        assert entry["data"]["changes"] == [{"field": "unit_price", "before": "10.00", "after": "12.50"}]
        assert entry["data"]["reason"] == "agreed with the customer"
        assert (entry["position"], entry["correlation_id"]) == (1, "corr-1")

    async def test_a_bulk_fact_leaves_its_digest_and_summary_and_not_its_rows(
        self, desk: Desk, client: httpx.AsyncClient
    ) -> None:
        fact = some_rows()
        event_id = await desk.record(fact)

        data = (await client.get(f"{URL}/{event_id}")).json()["data"]

        ledger = await desk.read("SELECT data::text FROM bus.event")
        assert data["digest"] == hashlib.sha256(ledger.encode()).hexdigest()
        assert data["summary"] == {
            "run_id": str(fact.run_id),
            "part": 0,
            "period": "2026-03",
            "invoices": 3,
            "rows": 0,
            "vanished": 0,
        }

    async def test_a_fact_that_this_build_does_not_know_is_kept_all_the_same(
        self, desk: Desk, client: httpx.AsyncClient
    ) -> None:
        event_id = await desk.publish(SessionOpened(email="anna@northwind.example"))
        await desk.meddle("UPDATE bus.event SET type = 'gateway.session.opened.v9', data = '{\"e_mail\": \"anna\"}'")

        assert await desk.handle(event_id)

        entry = (await client.get(f"{URL}/{event_id}")).json()
        assert (entry["type"], entry["data"]) == ("gateway.session.opened.v9", {"e_mail": "anna"})
        assert (await client.get("/api/v1/system-logs")).json()["items"][0]["title"] == "Signed in"
        assert (await verification(client))["is_intact"]

    async def test_a_fact_of_the_build_before_is_kept_and_logged_by_its_type(
        self, desk: Desk, client: httpx.AsyncClient
    ) -> None:
        event_id = await desk.publish(PlanComputed(plan_id=new_id(), period="2026-03", summary={}, error="no answer"))
        await desk.meddle("UPDATE bus.event SET headline = NULL")

        assert await desk.handle(event_id)

        assert (await client.get(f"{URL}/{event_id}")).json()["data"]["error"] == "no answer"
        (row,) = (await client.get("/api/v1/system-logs")).json()["items"]
        assert (row["level"], row["title"], row["details"]) == ("ERROR", "Plan computed", "no answer")

    async def test_a_fact_delivered_twice_is_kept_once(self, desk: Desk, client: httpx.AsyncClient) -> None:
        event_id = await desk.record(an_edit())
        assert not await desk.handle(event_id)
        assert (await verification(client))["examined"] == 1

    async def test_facts_handled_at_the_same_moment_form_one_chain(self, desk: Desk, client: httpx.AsyncClient) -> None:
        event_ids = [await desk.publish(an_edit(str(number))) for number in range(40)]
        assert all(await asyncio.gather(*map(desk.handle, event_ids)))

        found = await verification(client)

        assert (found["is_intact"], found["examined"]) == (True, 40)
        positions = [each["position"] for each in (await client.get(URL)).json()["items"]]
        assert positions == list(range(40, 0, -1))

    async def test_each_partner_has_a_chain_of_its_own(self, desk: Desk, client: httpx.AsyncClient) -> None:
        other = new_id()
        await desk.record(an_edit())
        theirs = await desk.record(an_edit(), partner_id=other)
        await desk.record(an_edit())

        assert (await verification(client))["examined"] == 2
        assert (await client.get(f"{URL}/{theirs}")).status_code == 404
        assert len((await client.get(URL)).json()["items"]) == 2


class TestList:
    @pytest.fixture
    async def three(self, desk: Desk) -> list[UUID]:
        program = Actor(id="token/9", name="nightly")
        return [
            await desk.record(SessionOpened(email="anna@northwind.example"), "user/1"),
            await desk.record(TokenIssued(token_id="9", name="nightly"), "token/9"),
            await desk.record(an_edit(), "line/1", actor=program),
        ]

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({}, [2, 1, 0]),
            ({"type": "gateway.token.issued.v1"}, [1]),
            ({"actor": "user/1"}, [1, 0]),
            ({"actor": "nightly"}, [2]),
            ({"subject": "line/1"}, [2]),
            ({"subject": "line/1", "actor": "Anna"}, []),
        ],
    )
    async def test_entries_are_found_by_type_actor_and_subject(
        self, client: httpx.AsyncClient, three: list[UUID], asked: dict[str, str], found: list[int]
    ) -> None:
        items = (await client.get(URL, params=asked)).json()["items"]
        assert [each["id"] for each in items] == [str(three[number]) for number in found]

    async def test_pages_follow_each_other(self, client: httpx.AsyncClient, three: list[UUID]) -> None:
        first = (await client.get(URL, params={"limit": 2})).json()
        second = (await client.get(URL, params={"limit": 2, "cursor": first["next_cursor"]})).json()
        ids = [each["id"] for each in first["items"] + second["items"]]
        assert (ids, second["next_cursor"]) == ([str(each) for each in three[::-1]], None)

    @pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WzFlOTld", "WzEsMl0", "WzEwMDAwMDAwMDAwMDAwMDAwMDAwXQ"])
    async def test_a_made_up_cursor_is_a_bad_request(self, client: httpx.AsyncClient, cursor: str) -> None:
        answer = await client.get(URL, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


class TestTampering:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit.trail_entry SET actor_name = 'Bob'",
            "DELETE FROM audit.trail_entry",
            "TRUNCATE audit.trail_entry",
        ],
    )
    @pytest.mark.parametrize("role", ["audit", None])
    async def test_the_table_refuses_change_to_its_service_and_to_its_owner(
        self, desk: Desk, statement: str, role: str | None
    ) -> None:
        await desk.record(an_edit())
        connection = await asyncpg.connect(desk.tested.url(role))
        await connection.execute("SELECT set_config('tieout.partner', $1, false)", str(desk.partner_id))
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RaiseError)):
            await connection.execute(statement)
        await connection.close()

    async def test_an_untouched_trail_is_intact_and_names_its_newest_hash(
        self, desk: Desk, client: httpx.AsyncClient
    ) -> None:
        for _ in range(3):
            event_id = await desk.record(an_edit())
        newest = (await client.get(f"{URL}/{event_id}")).json()["hash"]
        found = await verification(client)
        assert (found["is_intact"], found["examined"], found["head_hash"]) == (True, 3, newest)

    async def test_a_partner_without_facts_has_an_intact_trail(self, client: httpx.AsyncClient) -> None:
        found = await verification(client)
        assert (found["is_intact"], found["examined"], found["head_hash"]) == (True, 0, GENESIS.hex())

    @pytest.mark.parametrize(
        "change",
        [
            "actor_name = 'Bob'",
            "occurred_at = occurred_at + interval '1 microsecond'",
            "data = (replace(data::text, '12.50', '12.51'))::json",
            "subject = 'line/2'",
            "hash = sha256('x')",
            "causation_id = event_id",
        ],
    )
    async def test_the_first_altered_entry_is_named_whatever_was_altered(
        self, desk: Desk, client: httpx.AsyncClient, change: str
    ) -> None:
        event_ids = [await desk.record(an_edit()) for _ in range(5)]
        await desk.meddle(f"UPDATE audit.trail_entry SET {change} WHERE position IN (3, 5)")  # noqa: S608 - this test's own

        found = await verification(client)

        assert (found["is_intact"], found["examined"]) == (False, 2)
        assert (found["broken_position"], found["broken_id"]) == (3, str(event_ids[2]))
        assert found["problem"] == "Entry 3 was altered."

    @pytest.mark.parametrize(
        ("statements", "problem"),
        [
            (["DELETE FROM audit.trail_entry WHERE position = 2"], "Entry 2 is missing."),
            (["DELETE FROM audit.trail_entry WHERE position >= 4"], "Entry 4 is missing."),
            (["DELETE FROM audit.trail_entry"], "Entry 1 is missing."),
            (["DELETE FROM audit.trail_head"], "Entry 0 is not the end that was recorded."),
            (["UPDATE audit.trail_head SET position = 4"], "Entry 4 is not the end that was recorded."),
            (
                [
                    "UPDATE audit.trail_entry SET position = -position WHERE position IN (2, 3)",
                    "UPDATE audit.trail_entry SET position = 5 + position WHERE position < 0",
                ],
                "Entry 2 was altered.",
            ),
        ],
    )
    async def test_removing_and_reordering_are_found(
        self, desk: Desk, client: httpx.AsyncClient, statements: list[str], problem: str
    ) -> None:
        for _ in range(5):
            await desk.record(an_edit())
        await desk.meddle(*statements)
        found = await verification(client)
        assert (found["is_intact"], found["problem"]) == (False, problem)

    async def test_anybody_can_recompute_the_chain_from_what_the_api_shows(
        self, desk: Desk, client: httpx.AsyncClient
    ) -> None:
        for _ in range(3):
            await desk.record(an_edit("12,50 € für Büro"))
        previous = bytes(32)
        for entry in (await client.get(URL)).json()["items"][::-1]:
            covered = {name: value for name, value in entry.items() if name not in {"id", "hash", "recorded_at"}}
            covered |= {"event_id": entry["id"], "partner_id": str(desk.partner_id)}
            covered["occurred_at"] = entry["occurred_at"].replace("Z", "+00:00")
            spelt = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            previous = hashlib.sha256(previous + spelt).digest()
            assert entry["hash"] == previous.hex()
        assert entry["actor"]["name"] == ANNA.name
