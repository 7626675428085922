"""Bulk facts for a consumer that needs no rows."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from services.contracts.envelope import Envelope, EventSummary
from services.contracts.events.sync import InvoiceQuarantined, RowsLoaded
from services.kit.base.db import Database, WriteSession
from services.kit.ledger import bus
from tests.kit.conftest import Ledger, OpenDatabase, Publish


class TestInShort:
    """What a consumer gets that needs no rows."""

    @staticmethod
    async def hear(database: Database, event_id: UUID) -> Envelope[Any]:
        heard: list[Envelope[Any]] = []

        async def listen(_session: WriteSession, envelope: Envelope[Any]) -> None:
            heard.append(envelope)

        handlers: bus.Handlers = {RowsLoaded: listen, InvoiceQuarantined: listen}
        assert await bus.handle_effect(database, "audit", event_id, handlers, in_short=True)
        return heard[0]

    async def test_a_bulk_fact_comes_without_its_rows(
        self, open_database: OpenDatabase, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        kept = await ledger.connection.fetchval("SELECT data::text FROM bus.event")

        fact = (await self.hear(open_database("audit"), event_id)).data

        assert isinstance(fact, EventSummary)
        assert fact.digest == sha256(kept.encode()).hexdigest()
        assert fact.summary["rows"] == 0
        assert fact.summary["period"] == "2026-03"

    async def test_so_does_one_that_an_older_build_published(
        self, open_database: OpenDatabase, publish_rows: Publish, ledger: Ledger
    ) -> None:
        event_id = await publish_rows()
        told = await ledger.connection.fetchval("SELECT summary::text FROM bus.event")
        await ledger.connection.execute("UPDATE bus.event SET summary = NULL")

        fact = (await self.hear(open_database("audit"), event_id)).data

        assert fact == EventSummary.model_validate_json(told)

    async def test_any_other_fact_comes_whole(self, open_database: OpenDatabase, publish_quarantine: Publish) -> None:
        envelope = await self.hear(open_database("audit"), await publish_quarantine())

        assert (envelope.type, envelope.data.reason) == ("sync.invoice.quarantined.v1", "no rows")
