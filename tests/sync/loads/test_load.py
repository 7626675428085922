"""A month goes from AppXite to billing whole, once, and provably."""

from collections import Counter
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from services.contracts.events.sync import InvoiceQuarantined, RowsLoaded, RunFinished
from services.contracts.vocabulary import RunStatus
from services.sandbox import credentials
from services.sandbox.appxite import shapes
from services.sandbox.faults import FaultKind
from services.sync.loads import fetching, publishing
from services.sync.loads.models import InvoiceRowRecord, LoadInvoice
from services.sync.loads.schemas import InvoiceState
from services.sync.loads.service import list_periods
from tests.sync.conftest import APPXITE, Partner, StandIns
from tests.sync.loads.month import BOTH_PROFILES, PERIOD, expected, invoices_of, load, rows_told, use_profile


class TestLoad:
    @BOTH_PROFILES
    async def test_every_row_reaches_billing_with_its_cents(
        self, partner: Partner, stand_ins: StandIns, profile: str
    ) -> None:
        await use_profile(partner, profile)
        run = await load(partner)
        lines, amounts = await expected(stand_ins)
        assert run.status is RunStatus.SUCCEEDED, run.error
        assert run.outcomes["held"].amounts == amounts
        assert run.outcomes["held"].count == lines
        parts = await partner.facts(RowsLoaded)
        assert [part.part for part in parts] == list(range(len(parts)))
        assert all(0 < len(part.rows) <= 500 for part in parts)
        assert set(rows_told(parts).values()) == {1}

    async def test_billing_has_the_mirrors_before_the_first_row(self, partner: Partner) -> None:
        await partner.connect()
        await load(partner)
        kinds = [type(fact).__name__ for fact in partner.told]
        assert kinds.index("RowsLoaded") > max(place for place, kind in enumerate(kinds) if kind == "MirrorRefreshed")

    async def test_invoices_not_verified_yet_come_as_preview(self, partner: Partner) -> None:
        await partner.connect()
        run = await load(partner, "2026-06")
        preview = await invoices_of(partner, run, InvoiceState.PREVIEW)
        assert preview
        assert {invoice.status for invoice in preview} <= {"New", "New Corrected"}
        headers = {header.invoice_id: header for part in await partner.facts(RowsLoaded) for header in part.invoices}
        assert all(not headers[invoice.invoice_id].is_sendable for invoice in preview)
        accepted = await invoices_of(partner, run, InvoiceState.ACCEPTED)
        assert all(headers[invoice.invoice_id].is_sendable for invoice in accepted)

    async def test_invoices_that_the_partner_received_are_shown_as_money_and_never_billed_on(
        self, partner: Partner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await partner.connect()
        others = SimpleNamespace(**{**vars(credentials), "APPXITE_REQUESTER_ID": "some-distributor"})
        monkeypatch.setattr(shapes, "credentials", others)
        run = await load(partner)
        left_out = await invoices_of(partner, run, InvoiceState.NOT_OURS)
        assert left_out
        assert len(left_out) == len(await invoices_of(partner, run))
        assert "issued it, so it is not billed on" in left_out[0].reason
        assert run.outcomes["not_ours"].count == len(left_out)
        assert sum(run.outcomes["not_ours"].amounts.values()) == sum(each.checksum or 0 for each in left_out)
        assert await partner.facts(RowsLoaded) == []

    async def test_rows_are_kept_as_they_came_beside_what_was_read(self, partner: Partner) -> None:
        await partner.connect()
        await load(partner)
        async with partner.database.reading(partner.circumstances) as session:
            row = (await session.scalars(select(InvoiceRowRecord).limit(1))).one()
        assert f'"rowId":"{row.row_id}"' in row.raw.replace(" ", "")

    async def test_months_show_what_was_loaded(self, partner: Partner, stand_ins: StandIns) -> None:
        await partner.connect()
        run = await load(partner)
        async with partner.database.reading(partner.circumstances) as session:
            current, previous = await list_periods(session)
        assert (current.period, current.invoices, current.loadable) == ("2026-06", 0, True)
        assert (previous.period, previous.lines) == (PERIOD, (await expected(stand_ins))[0])
        assert previous.invoices == run.progress.total == run.progress.done


class TestQuarantine:
    async def test_an_invoice_that_does_not_add_up_stays_out_whole(self, partner: Partner, stand_ins: StandIns) -> None:
        await partner.connect()
        victim = (await invoices_of(partner, await load(partner)))[0]
        await stand_ins.order(APPXITE, "faults", kind=FaultKind.BREAK_CHECKSUM, invoice=victim.invoice_id)
        told = len(partner.told)
        run = await load(partner)
        (kept_out,) = await invoices_of(partner, run, InvoiceState.QUARANTINED)
        assert kept_out.invoice_id == victim.invoice_id
        assert "add up to" in kept_out.reason
        assert kept_out.checksum == (kept_out.rows_total or 0) + Decimal("0.01")
        later: Any = partner.told[told:]
        assert victim.invoice_id not in {row.invoice_id for part in later for row in getattr(part, "rows", [])}
        assert not any(getattr(part, "vanished", []) for part in later)
        assert run.status is RunStatus.SUCCEEDED
        assert run.outcomes["quarantined"].count == 1
        (fact,) = await partner.facts(InvoiceQuarantined)
        assert fact.number == victim.number

    async def test_it_is_loaded_once_it_adds_up(self, partner: Partner, stand_ins: StandIns) -> None:
        await partner.connect()
        state = (await stand_ins.state(APPXITE))["totals"]
        assert state
        healthy = await load(partner)
        victim = (await invoices_of(partner, healthy))[0]
        await stand_ins.order(APPXITE, "faults", kind=FaultKind.BREAK_CHECKSUM, invoice=victim.invoice_id)
        await load(partner)
        await stand_ins.http.delete(f"{APPXITE}/_sandbox/faults")
        run = await load(partner)
        assert not await invoices_of(partner, run, InvoiceState.QUARANTINED)
        async with partner.database.reading(partner.circumstances) as session:
            assert (await list_periods(session))[1].quarantined == 0

    async def test_one_unreadable_row_keeps_out_its_invoice_and_its_text(
        self, partner: Partner, stand_ins: StandIns
    ) -> None:
        await partner.connect()
        fault = {"kind": FaultKind.NULLS, "path": "*/invoice-rows", "fields": ["totalPrice"]}
        await stand_ins.order(APPXITE, "faults", **fault)
        run = await load(partner)
        (kept_out,) = await invoices_of(partner, run, InvoiceState.QUARANTINED)
        assert kept_out.reason == "1 of its rows cannot be read: total is missing."
        async with partner.database.reading(partner.circumstances) as session:
            stored = (await session.scalars(select(LoadInvoice).where(LoadInvoice.bad_text.is_not(None)))).one()
        assert '"totalPrice":null' in (stored.bad_text or "").replace(" ", "")

    async def test_an_unreadable_header_is_kept_and_the_rest_goes_on(
        self, partner: Partner, stand_ins: StandIns
    ) -> None:
        await partner.connect()
        fault = {"kind": FaultKind.NULLS, "path": "*/invoice-headers", "fields": ["invoiceCurrency"]}
        await stand_ins.order(APPXITE, "faults", **fault)
        run = await load(partner)
        (kept_out,) = await invoices_of(partner, run, InvoiceState.QUARANTINED)
        assert kept_out.reason == "Its header cannot be read: the invoice has no currency."
        assert run.status is RunStatus.SUCCEEDED

    async def test_an_invoice_whose_answer_is_always_cut_stays_out_alone(
        self, partner: Partner, stand_ins: StandIns
    ) -> None:
        await use_profile(partner, "reporting-legacy")
        victim = (await invoices_of(partner, await load(partner)))[0]
        path = f"*{victim.invoice_id}/invoice-rows"
        await stand_ins.order(APPXITE, "faults", kind=FaultKind.CUT_JSON, path=path, every=1)
        run = await load(partner)
        (kept_out,) = await invoices_of(partner, run, InvoiceState.QUARANTINED)
        assert kept_out.reason == "Its rows could not be read: the answer breaks off."
        assert run.status is RunStatus.SUCCEEDED


class TestTrouble:
    @pytest.mark.parametrize(
        "kind",
        [FaultKind.CUT_JSON, FaultKind.HTML_502, FaultKind.SERVER_TIMEOUT, FaultKind.TOO_MANY_REQUESTS],
    )
    @BOTH_PROFILES
    async def test_a_fault_that_passes_leaves_no_trace(
        self, partner: Partner, stand_ins: StandIns, kind: FaultKind, profile: str
    ) -> None:
        await use_profile(partner, profile)
        for where in ("*invoice-headers", "*invoice-rows*", "*offers*"):
            await stand_ins.order(APPXITE, "faults", kind=kind, path=where, count=2, retry_after=0)
        run = await load(partner)
        assert run.status is RunStatus.SUCCEEDED, run.error
        assert run.outcomes["held"].count == (await expected(stand_ins))[0]
        assert "quarantined" not in run.outcomes

    @pytest.mark.parametrize(
        ("kind", "sentence"), [(FaultKind.UNAUTHORIZED, "invalid access key"), (FaultKind.HTML_502, "502")]
    )
    async def test_a_marketplace_that_cannot_be_read_fails_the_run_with_a_sentence(
        self, partner: Partner, stand_ins: StandIns, kind: FaultKind, sentence: str
    ) -> None:
        await partner.connect()
        await stand_ins.order(APPXITE, "faults", kind=kind, path="*invoice-headers*", every=1)
        run = await load(partner)
        assert run.status is RunStatus.FAILED
        assert sentence in run.error
        assert "sandbox-sas-key" not in run.error
        (finished,) = await partner.facts(RunFinished)
        assert finished.error == run.error


class TestReload:
    @BOTH_PROFILES
    async def test_changed_rows_come_again_and_vanished_ones_are_named(
        self, partner: Partner, stand_ins: StandIns, profile: str
    ) -> None:
        await use_profile(partner, profile)
        await load(partner)
        rows = [row for part in await partner.facts(RowsLoaded) for row in part.rows]
        invoice_id = Counter(row.invoice_id for row in rows).most_common(1)[0][0]
        gone, repriced = [row for row in rows if row.invoice_id == invoice_id][:2]
        price = {"quantity": "1", "unit_price": "7.77", "total": "7.77"}
        change = {"invoice": invoice_id, "vanish": [gone.row_id], "reprice": {repriced.row_id: price}}
        await stand_ins.order(APPXITE, "invoices", **change)
        told = len(partner.told)
        run = await load(partner)
        assert run.status is RunStatus.SUCCEEDED, run.error
        parts: Any = [part for part in partner.told[told:] if isinstance(part, RowsLoaded)]
        assert [(row.invoice_id, row.row_id) for part in parts for row in part.vanished] == [(invoice_id, gone.row_id)]
        again = {row.row_id: row for part in parts for row in part.rows}
        assert gone.row_id not in again
        assert again[repriced.row_id].total == Decimal("7.77")

    async def test_an_invoice_that_is_gone_vanishes_row_by_row(self, partner: Partner, stand_ins: StandIns) -> None:
        await partner.connect()
        await load(partner)
        rows = [row for part in await partner.facts(RowsLoaded) for row in part.rows]
        victim = rows[0].invoice_id
        ids = sorted(row.row_id for row in rows if row.invoice_id == victim)
        await stand_ins.order(APPXITE, "invoices", invoice=victim, vanish=ids)  # without rows it is not listed
        told = len(partner.told)
        await load(partner)
        vanished = [row for part in partner.told[told:] if isinstance(part, RowsLoaded) for row in part.vanished]
        assert sorted(row.row_id for row in vanished) == ids

    async def test_only_rows_in_force_are_kept(self, partner: Partner, stand_ins: StandIns) -> None:
        await partner.connect()
        for _ in range(3):
            await load(partner)
        async with partner.database.reading(partner.circumstances) as session:
            kept = (await session.scalars(select(InvoiceRowRecord.row_id))).all()
        assert len(kept) == len(set(kept)) == (await expected(stand_ins))[0]


class TestLargeInvoices:
    @BOTH_PROFILES
    async def test_rows_beyond_memory_are_written_down_and_told_once(
        self, partner: Partner, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, profile: str
    ) -> None:
        monkeypatch.setattr(fetching, "WRITE_ROWS", 7)
        monkeypatch.setattr(publishing, "SLICE_ROWS", 5)
        await use_profile(partner, profile)
        run = await load(partner)
        assert run.status is RunStatus.SUCCEEDED, run.error
        parts = await partner.facts(RowsLoaded)
        assert [part.part for part in parts] == list(range(len(parts)))
        assert set(rows_told(parts).values()) == {1}
        lines, amounts = await expected(stand_ins)
        assert (run.outcomes["held"].count, run.outcomes["held"].amounts) == (lines, amounts)
        assert not await invoices_of(partner, run, InvoiceState.STAGED)
