"""The system log: headlines of the last 30 days."""

from decimal import Decimal
from uuid import UUID

import httpx
import pytest

from services.audit.system_log.service import retention_of_log
from services.contracts.envelope import SYSTEM_ACTOR
from services.contracts.events.billing import LinesSettled
from services.contracts.events.gateway import SessionOpened
from services.contracts.events.sync import RunFinished, TroubleNoted
from services.contracts.vocabulary import LogLevel, RunKind, RunStatus
from services.kit.base.db import Announcement
from services.kit.base.ids import new_id
from services.kit.ledger.retention import purge_all
from tests.audit.conftest import Desk

URL = "/api/v1/system-logs"
RUN = new_id()


def trouble(
    title: str, level: LogLevel = LogLevel.WARNING, details: str = "", run_id: UUID | None = None
) -> TroubleNoted:
    return TroubleNoted(level=level, title=title, details=details, run_id=run_id)


async def titles(client: httpx.AsyncClient, **asked: str) -> list[str]:
    answer = await client.get(URL, params=asked)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


class TestNote:
    async def test_a_headline_becomes_a_row_with_its_circumstances(self, desk: Desk, client: httpx.AsyncClient) -> None:
        fact = RunFinished(
            run_id=RUN,
            kind=RunKind.LOAD,
            status=RunStatus.FAILED,
            seconds=Decimal(1),
            outcomes={},
            error="AppXite is away",
        )
        event_id = await desk.record(fact)

        (row,) = (await client.get(URL)).json()["items"]

        assert row["id"] == str(event_id)
        assert (row["level"], row["title"], row["details"]) == ("ERROR", "Load failed", "AppXite is away")
        assert (row["run_id"], row["actor"], row["correlation_id"]) == (str(RUN), "Anna", "corr-1")

    async def test_a_fact_without_a_headline_leaves_none(self, desk: Desk, client: httpx.AsyncClient) -> None:
        await desk.record(LinesSettled(run_id=RUN, part=0))
        assert await titles(client) == []

    async def test_what_nobody_asked_for_has_no_actor(self, desk: Desk, client: httpx.AsyncClient) -> None:
        await desk.record(trouble("Skipped"), actor=SYSTEM_ACTOR)
        assert (await client.get(URL)).json()["items"][0]["actor"] is None

    async def test_whoever_watches_is_told_after_the_commit(self, desk: Desk) -> None:
        told: list[Announcement] = []

        async def tell(announcements: list[Announcement]) -> None:
            told.extend(announcements)

        desk.audit.announce = tell  # type: ignore[assignment]
        await desk.record(trouble("Skipped"))
        assert [(each.partner_id, each.kind) for each in told] == [(desk.partner_id, "log")]
        assert told[0].payload.model_dump()["title"] == "Skipped"


class TestList:
    @pytest.fixture(autouse=True)
    async def rows(self, desk: Desk) -> None:
        await desk.record(SessionOpened(email="anna@northwind.example"))
        await desk.record(trouble("Retried", details="100% of 3 calls"), partner_id=new_id())
        await desk.record(trouble("Retried", details="100% of 3 calls"))
        await desk.record(trouble("Skipped", LogLevel.ERROR, "Invoice INV_7", run_id=RUN))

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({}, ["Skipped", "Retried", "Signed in"]),
            ({"level": "WARNING"}, ["Retried"]),
            ({"search": "SIGNED"}, ["Signed in"]),
            ({"search": "inv_7"}, ["Skipped"]),
            ({"search": "100%"}, ["Retried"]),
            ({"search": "%"}, ["Retried"]),
            ({"search": "_"}, ["Skipped"]),
            ({"run_id": str(RUN)}, ["Skipped"]),
            ({"run_id": str(RUN), "level": "INFO"}, []),
        ],
    )
    async def test_rows_are_found_by_level_text_and_run(
        self, client: httpx.AsyncClient, asked: dict[str, str], found: list[str]
    ) -> None:
        assert await titles(client, **asked) == found

    async def test_pages_follow_each_other(self, client: httpx.AsyncClient) -> None:
        page = (await client.get(URL, params={"limit": 2})).json()
        assert await titles(client, limit="2", cursor=page["next_cursor"]) == ["Signed in"]

    @pytest.mark.parametrize(
        "asked",
        [
            {"cursor": "WyIyMDI2LTAxLTAxIiwieCJd"},
            {"cursor": "WyIyMDI2LTAxLTAxIiwiMDE5ODAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0"},
        ],
    )
    async def test_a_made_up_cursor_is_a_bad_request(self, client: httpx.AsyncClient, asked: dict[str, str]) -> None:
        answer = await client.get(URL, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")

    @pytest.mark.parametrize("asked", [{"search": "a\x00b"}, {"level": "LOUD"}, {"run_id": "7"}, {"limit": "0"}])
    async def test_nonsense_is_refused(self, client: httpx.AsyncClient, asked: dict[str, str]) -> None:
        answer = await client.get(URL, params=asked)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_the_summary_counts_what_the_list_shows(self, client: httpx.AsyncClient) -> None:
        summary = (await client.get(f"{URL}/summary")).json()
        newest = (await client.get(URL)).json()["items"][0]["occurred_at"]
        assert summary == {"total": 3, "errors": 1, "warnings": 1, "last_update": newest}


class TestThirtyDays:
    async def test_older_rows_are_not_shown_and_go_at_night(self, desk: Desk, client: httpx.AsyncClient) -> None:
        await desk.record(trouble("Old"))
        await desk.meddle("UPDATE audit.system_log SET occurred_at = occurred_at - interval '30 days 1 second'")
        assert await titles(client) == []
        assert (await client.get(f"{URL}/summary")).json()["total"] == 0

        await desk.record(trouble("New"))
        await purge_all(desk.audit, [retention_of_log()])

        assert await titles(client) == ["New"]
        assert await desk.count("audit.system_log") == 1
        assert await desk.count("audit.trail_entry") == 2
