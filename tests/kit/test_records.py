"""Events undecoded, for a consumer that copies every event."""

from hashlib import sha256
from uuid import UUID

from services.contracts.envelope import Headline
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import Database, WriteSession
from services.kit.ledger import bus
from services.kit.ledger.records import EventRecord
from tests.kit.conftest import Ledger, OpenDatabase, Publish


async def hear(database: Database, event_id: UUID) -> EventRecord:
    heard: list[EventRecord] = []

    async def listen(session: WriteSession, event: EventRecord) -> None:
        assert session.circumstances.causation_id == event.id
        heard.append(event)

    assert await bus.handle_effect(database, "audit", event_id, listen)
    return heard[0]


class TestRecords:
    async def test_a_bulk_event_comes_without_its_rows(
        self, open_database: OpenDatabase, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        kept = await ledger.connection.fetchval("SELECT data::text FROM bus.event")

        event = await hear(open_database("audit"), event_id)

        assert event.data["digest"] == sha256(kept.encode()).hexdigest()
        summary = event.data["summary"]
        assert isinstance(summary, dict)
        assert (summary["rows"], summary["period"]) == (0, "2026-03")
        assert event.headline is None

    async def test_any_other_event_comes_whole(self, open_database: OpenDatabase, publish_quarantine: Publish) -> None:
        event = await hear(open_database("audit"), await publish_quarantine())

        assert (event.type, event.data["period"]) == ("sync.invoice.quarantined.v1", "2026-03")

    async def test_one_of_a_type_that_nobody_knows_comes_too(
        self, open_database: OpenDatabase, publish_quarantine: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_quarantine()
        await ledger.connection.execute("UPDATE bus.event SET type = 'sync.invoice.quarantined.v9'")

        assert (await hear(open_database("audit"), event_id)).type == "sync.invoice.quarantined.v9"

    async def test_one_that_an_older_build_published_gets_a_headline_from_its_type(
        self, open_database: OpenDatabase, publish_quarantine: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_quarantine()
        await ledger.connection.execute("UPDATE bus.event SET headline = NULL")

        headline = (await hear(open_database("audit"), event_id)).headline

        assert headline == Headline(level=LogLevel.INFO, title="Invoice quarantined")
