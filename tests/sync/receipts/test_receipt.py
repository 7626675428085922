from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update

from services.contracts.shapes import DesiredAddition, UnsentLine
from services.contracts.vocabulary import BillOption, DecisionChoice, LineStatus, OperationKind
from services.sync.connections import traits
from services.sync.loads.models import InvoiceRecord, LoadInvoice
from services.sync.plans.decisions import decide
from services.sync.plans.schemas import DecisionIn
from services.sync.receipts import service
from services.sync.receipts.models import ReceiptRow
from services.sync.receipts.schemas import DifferenceKind, ReceiptOut
from tests.support.clock import HeldClock
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, PERIOD, Desk, leave, want
from tests.sync.plans.months import JULY, invoice_through, july, june

Api = Callable[..., httpx.AsyncClient]


async def prove(desk: Desk) -> ReceiptOut:
    run = await desk.push()
    async with desk.database.reading(desk.circumstances) as session:
        return await service.show_receipt(session, run.id)


async def charge_all(desk: Desk, *more: tuple[DesiredAddition | UnsentLine, Decimal]) -> None:
    wanted = [(each, each.amount) for each in desk.wanted]
    await desk.charge(*wanted, *[(each, each.amount) for each in desk.unsent], *more)


class TestReceipt:
    async def test_every_cent_is_on_connectwise_or_listed(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", quantity=Decimal(3), unit_price=Decimal("3.33"))]
        desk.unsent = [leave()]
        await charge_all(desk)
        receipt = await prove(desk)
        (total,) = receipt.totals
        assert (total.organization, total.currency) == ("Contoso", "EUR")
        assert (total.appxite_total, total.additions_total, total.unsent_total) == (
            Decimal("72.49"),
            Decimal("59.99"),
            Decimal("12.50"),
        )
        assert (receipt.ties_out, receipt.examined, receipt.failures) == (True, 3, [])
        assert [(item.status, item.reasons) for item in receipt.unsent] == [("held", ["product_unmapped"])]

    async def test_what_was_refused_is_accounted_for_and_has_not_arrived(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", effective_date=date(2020, 1, 1))]
        await charge_all(desk)
        receipt = await prove(desk)
        assert (receipt.arrived, receipt.accounted_for, receipt.bills_as_charged) == (False, True, True)
        assert not receipt.ties_out
        assert receipt.totals[0].unsent_total == Decimal(50)
        (failure,) = receipt.failures
        assert failure.line_id == want("TO-B").line_id
        assert "billing start" in failure.error

    async def test_it_counts_what_connectwise_holds_not_what_was_sent(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A", quantity=Decimal(8), unit_price=Decimal("10.125"))]
        async with desk.database.writing(desk.circumstances) as session:
            await traits.fix(session, "connectwise", "price_decimals", 4)
        await charge_all(desk)
        receipt = await prove(desk)
        assert receipt.totals[0].additions_total == 0  # held at another price, so the line counts as failed
        assert receipt.totals[0].unsent_total == Decimal("81.00")
        assert receipt.failure_count == 1

    async def test_a_row_that_billing_lost_does_not_tie_out(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk, (want("TO-X"), Decimal(7)))
        receipt = await prove(desk)
        assert not receipt.ties_out
        assert receipt.totals[0].appxite_total - receipt.totals[0].additions_total == Decimal(7)
        assert "row-TO-X" in receipt.failures[0].error

    async def test_a_plan_of_zero_writes_is_proven_too(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk)
        await desk.push()
        again = await prove(desk)
        assert (again.ties_out, again.examined) == (True, 1)
        assert again.totals[0].additions_total == Decimal(50)

    async def test_a_quarantined_invoice_is_money_that_stayed_behind(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk)
        await desk.charge((want("TO-Q", invoice_id="inv-q"), Decimal("29.00")))
        async with desk.database.writing(desk.circumstances) as session:
            await session.execute(
                update(InvoiceRecord)
                .where(InvoiceRecord.invoice_id == "inv-q")
                .values(latest_state="quarantined", valid_run_id=None)
            )
            await session.execute(
                update(LoadInvoice)
                .where(LoadInvoice.invoice_id == "inv-q")
                .values(state="quarantined", reason="Wrong sum.", checksum=Decimal("30.00"), rows=1)
            )
        receipt = await prove(desk)
        assert (receipt.ties_out, receipt.examined) == (True, 2)
        (item,) = receipt.unsent
        assert (item.status, item.amount, item.organization_id) == ("quarantined", Decimal("30.00"), "org-1")
        assert item.reasons == ["Invoice N-inv-q: Wrong sum."]

    async def test_a_quarantined_reload_counts_only_what_it_adds(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk)
        reload_id = uuid4()
        async with desk.database.writing(desk.circumstances) as session:
            await session.execute(update(InvoiceRecord).values(latest_state="quarantined", latest_run_id=reload_id))
            latest = desk._invoice(reload_id, "inv-1", PERIOD)
            session.add(LoadInvoice(**{**latest, "state": "quarantined", "checksum": Decimal("55.00"), "rows": 1}))
        receipt = await prove(desk)
        assert receipt.ties_out
        assert receipt.totals[0].appxite_total == Decimal("55.00")
        assert receipt.totals[0].unsent_total == Decimal("5.00")


class TestThreeStatements:
    async def test_all_three_hold_where_every_addition_bills_what_was_charged(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", bill_option=BillOption.NO_CHARGE)]
        await charge_all(desk)
        receipt = await prove(desk)
        assert (receipt.arrived, receipt.accounted_for, receipt.bills_as_charged) == (True, True, True)
        (total,) = receipt.totals
        assert (total.expected_billed, total.not_billable, total.sent_percent) == (
            Decimal(50),
            Decimal(50),
            Decimal(100),
        )
        assert (receipt.ties_out, receipt.differences) == (True, [])

    async def test_unsent_money_stands_beside_them_and_makes_none_of_them_false(self, desk: Desk) -> None:
        desk.wanted, desk.unsent = [want("TO-A")], [leave(invoice_number="N-1", product="M365", subscription="Seats")]
        await charge_all(desk)
        receipt = await prove(desk)
        assert (receipt.ties_out, receipt.unsent_count, receipt.totals[0].sent_percent) == (True, 1, Decimal("80.0"))
        (item,) = receipt.unsent
        assert (item.invoice_number, item.product, item.subscription) == ("N-1", "M365", "Seats")

    async def test_an_addition_whose_line_was_excluded_since_is_a_difference(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await charge_all(desk)
        await desk.push()
        desk.wanted = [want("TO-B")]
        excluded = leave("TO-A", status=LineStatus.EXCLUDED, reasons=[], amount=Decimal(50), sent_marker="TO-A")
        desk.unsent = [excluded]
        receipt = await prove(desk)
        assert (receipt.arrived, receipt.accounted_for, receipt.bills_as_charged) == (True, True, False)
        assert not receipt.ties_out
        (difference,) = receipt.differences
        assert (difference.kind, difference.amount) == (DifferenceKind.NO_CHARGE, Decimal(50))
        assert difference.reason == (
            "M365 Business of Contoso bills 50.00 EUR in June 2026 although AppXite charges nothing for it: "
            "its line is excluded."
        )
        (total,) = receipt.totals
        assert (total.appxite_total, total.expected_billed, total.unsent_total) == (
            Decimal(100),
            Decimal(100),
            Decimal(50),
        )

    async def test_an_addition_that_a_person_keeps_says_who_keeps_it_and_why(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await charge_all(desk)
        await desk.push()
        desk.wanted = [want("TO-B")]
        desk.unsent = [leave("TO-A", status=LineStatus.EXCLUDED, reasons=[], amount=Decimal(50), sent_marker="TO-A")]
        plan = await desk.plan()
        (undecided,) = [each for each in await desk.operations(plan.id) if each.kind == OperationKind.UNDECIDED.value]
        keep = DecisionIn(operation_id=undecided.id, choice=DecisionChoice.KEEP, reason="a trial")
        async with desk.database.writing(desk.circumstances) as session:
            await decide(session, plan.id, [keep])
        asked = await desk.apply(plan.id)
        await desk.settle()
        run, receipt = await desk.run(asked.id), await desk.receipt(asked.id)
        assert {name: tally.count for name, tally in run.outcomes.items()} == {
            "unchanged": 1,
            "undecided": 1,
            "unsent": 1,
        }
        (difference,) = receipt.differences
        assert (difference.kind, difference.amount) == (DifferenceKind.NO_CHARGE, Decimal(50))
        assert "keeps it (a trial)" in difference.reason

    async def test_an_addition_whose_invoice_is_a_preview_is_not_charged_yet(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await charge_all(desk)
        await desk.push()
        desk.wanted = [want("TO-B")]
        desk.unsent = [leave("TO-A", status=LineStatus.PREVIEW, reasons=[], amount=Decimal(50), sent_marker="TO-A")]
        (difference,) = (await prove(desk)).differences
        assert difference.kind is DifferenceKind.NOT_CHARGED_YET
        assert difference.reason.endswith(
            "AppXite charges nothing for it yet: its charge is on an invoice that is not Verified yet."
        )

    async def test_a_change_that_was_refused_leaves_an_addition_that_bills_as_before(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk)
        await desk.push()
        desk.wanted = [want("TO-A", effective_date=date(2020, 1, 1))]
        receipt = await prove(desk)
        assert (receipt.arrived, receipt.accounted_for, receipt.bills_as_charged) == (False, True, False)
        (difference,) = receipt.differences
        assert (difference.kind, difference.expected) == (DifferenceKind.MORE, Decimal(50))
        assert "its charge is listed under failures as not sent" in difference.reason


class TestBeforeTheChargeComes:
    """It is 20 July, ConnectWise has invoiced up to the end of May, and July charges nothing yet."""

    @pytest.fixture(autouse=True)
    async def in_july(self, clock: HeldClock, stand_ins: StandIns) -> None:
        clock.set(datetime(2026, 7, 20, 12, tzinfo=UTC))
        await invoice_through(stand_ins, "2026-05-31")

    async def test_a_plan_that_writes_nothing_lists_what_its_additions_bill(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await charge_all(desk)
        await desk.push()
        desk.wanted = []
        plan = await desk.plan(JULY)
        assert (await desk.operations(plan.id), len(await desk.expected(plan.id))) == ([], 1)
        asked = await desk.apply(plan.id)
        await desk.settle()
        receipt = await desk.receipt(asked.id)
        assert (receipt.arrived, receipt.bills_as_charged, receipt.ties_out) == (True, False, False)
        (difference,) = receipt.differences
        assert (difference.kind, difference.amount) == (DifferenceKind.NOT_CHARGED_YET, Decimal("30.00"))
        assert receipt.totals[0].expected_billed == Decimal("30.00")

    async def test_an_agreement_that_vanished_meanwhile_has_not_arrived(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [july("TO-B", agreement_id=OTHER_AGREEMENT, subscription_id="sub-b")]
        plan = await desk.plan(JULY)
        await stand_ins.order(CONNECTWISE, f"agreements/{AGREEMENT}/delete")
        asked = await desk.apply(plan.id)
        await desk.settle()
        receipt = await desk.receipt(asked.id)
        assert (receipt.arrived, receipt.ties_out) == (False, False)
        assert "cannot be read back" in receipt.failures[0].error


class TestInvoicedBeyondTheCharge:
    @pytest.fixture(autouse=True)
    async def in_august(self, clock: HeldClock, stand_ins: StandIns) -> None:
        clock.set(datetime(2026, 8, 20, 12, tzinfo=UTC))
        await invoice_through(stand_ins, "2026-05-31")

    async def test_a_month_that_nobody_planned_is_listed_by_the_next_receipt_and_not_again(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-07-31")
        desk.wanted = []
        listed = []
        for month in ("2026-08", "2026-08", "2026-09"):
            run = await desk.push(month)
            receipt = await desk.receipt(run.id)
            listed.append([each.amount for each in receipt.differences if each.kind == "already_invoiced"])
        assert listed == [[Decimal("30.00")], [Decimal("30.00")], []]

    async def test_a_receipt_about_one_customer_says_nothing_about_the_whole_month(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-07-31")
        desk.wanted = []
        of_another = await desk.plan(JULY, organization_ids=["org-2"])
        await desk.apply(of_another.id)
        await desk.settle()
        run = await desk.push("2026-08")
        invoiced = [each for each in (await desk.receipt(run.id)).differences if each.kind == "already_invoiced"]
        assert [each.amount for each in invoiced] == [Decimal("30.00")]


class TestScope:
    async def test_a_receipt_of_a_part_of_a_month_says_so(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk)
        plan = await desk.plan(organization_ids=["org-1"])
        run = await desk.apply(plan.id)
        await desk.settle()
        receipt = await desk.receipt(run.id)
        assert receipt.scope is not None
        assert (receipt.scope.period, receipt.scope.organization_ids) == (PERIOD, ["org-1"])

    async def test_additions_of_other_lines_are_no_matter_of_a_plan_about_one(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await charge_all(desk)
        await desk.push()
        desk.wanted = [want("TO-B")]
        plan = await desk.plan(line_ids=[want("TO-B").line_id])
        run = await desk.apply(plan.id)
        await desk.settle()
        receipt = await desk.receipt(run.id)
        assert (receipt.differences, receipt.ties_out) == ([], True)


class TestReceiptsOfAnOlderBuild:
    async def test_answer_null_for_what_nobody_proved_then(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await charge_all(desk)
        run = await desk.push()
        old: dict[str, Any] = {
            "organization": "Contoso",
            "organization_id": "org-1",
            "currency": "EUR",
            "appxite_total": "50.00",
        }
        old |= {"additions_total": "50.00", "unsent_total": "0.00", "ties_out": True}
        async with desk.database.writing(desk.circumstances) as session:
            nothing = dict.fromkeys(("scope", "arrived", "accounted_for", "bills_as_charged"))
            await session.execute(update(ReceiptRow).values(totals=[old], **nothing))
        receipt = await desk.receipt(run.id)
        assert (receipt.arrived, receipt.accounted_for, receipt.bills_as_charged, receipt.scope) == (None,) * 4
        assert (receipt.ties_out, receipt.totals[0].expected_billed, receipt.differences) == (True, None, [])


class TestOverHttp:
    async def test_a_receipt_is_read_by_its_run(self, desk: Desk, api: Api) -> None:
        desk.wanted, desk.unsent = [want("TO-A")], [leave()]
        await charge_all(desk)
        run = await desk.push()
        async with api(desk.id) as client:
            receipt = (await client.get(f"/api/v1/receipts/{run.id}")).json()
            listed = (await client.get("/api/v1/receipts", params={"period": PERIOD})).json()["items"]
        assert receipt["totals"] == [
            {
                "organization": "Contoso",
                "organization_id": "org-1",
                "currency": "EUR",
                "appxite_total": "62.50",
                "additions_total": "50.00",
                "marked_up": "0.00",
                "unsent_total": "12.50",
                "ties_out": True,
                "rounded": "0.00",
                "expected_billed": "50.00",
                "not_billable": "0.00",
                "sent_percent": "80.0",
                "billed_before": "0.00",
                "dropped": "0.00",
                "bills_as_charged": True,
                "billed": None,
            }
        ]
        assert (receipt["run_id"], receipt["ties_out"], receipt["examined"]) == (str(run.id), True, 2)
        assert [(each["run_id"], each["unsent_count"]) for each in listed] == [(str(run.id), 1)]
        assert "unsent" not in listed[0]

    async def test_receipts_come_in_pages_newest_first(self, desk: Desk, api: Api) -> None:
        runs = [str((await desk.push()).id) for _ in range(3)]
        async with api(desk.id) as client:
            first = (await client.get("/api/v1/receipts", params={"limit": 2})).json()
            rest = (await client.get("/api/v1/receipts", params={"limit": 2, "cursor": first["next_cursor"]})).json()
            none = (await client.get("/api/v1/receipts", params={"period": "2020-01"})).json()["items"]
        assert [each["run_id"] for each in first["items"] + rest["items"]] == runs[::-1]
        assert none == []

    async def test_a_run_without_one_says_so(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            answer = await client.get(f"/api/v1/receipts/{uuid4()}")
            bad = await client.get("/api/v1/receipts", params={"cursor": "WyJ4Il0"})
        assert (answer.status_code, answer.json()["code"]) == (404, "receipt_not_found")
        assert (bad.status_code, bad.json()["code"]) == (400, "bad_cursor")

    async def test_another_partners_receipt_is_not_there(self, desk: Desk, api: Api) -> None:
        run = await desk.push()
        async with api(uuid4()) as client:
            assert (await client.get(f"/api/v1/receipts/{run.id}")).status_code == 404
            assert (await client.get("/api/v1/receipts")).json()["items"] == []
