"""What people decide on lines: history, reverting, many lines at once, and what a new field takes."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import JsonValue, ValidationError

from services.billing.lines import repository as lines
from services.billing.lines.decisions import repository, service
from services.billing.lines.decisions.repository import Edit
from services.billing.lines.schemas import build_line_change
from services.billing.rating.service import rate_again
from services.billing.rules.editable import EDITABLE, EditableField, EditableId, Editor
from services.contracts.events.billing import LineEdited
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import LineStatus
from tests.billing.builders import a_row, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client

EDIT = UUID(int=41)


@pytest.fixture
async def loaded(billing: Billing, api: Client) -> Billing:
    """Three ready lines."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.hears(rows_loaded(a_row("1"), a_row("2"), a_row("3", charge_type="UsageFee")))
    return billing


async def edit(api: Client, billing: Billing, **change: Any) -> Any:
    """Change the first line."""
    line = (await billing.lines())[0]
    return await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version} | change)


async def history(api: Client, line: Any) -> list[Any]:
    found: list[Any] = (await api.get(f"/invoice-lines/{line['id']}/history"))["items"]
    return found


class TestHistory:
    async def test_every_decision_is_kept_with_who_when_and_why(self, loaded: Billing, api: Client) -> None:
        await edit(api, loaded, charge_start_date="2026-10-20", reason="Started late")
        line = await edit(api, loaded, charge_start_date=None, excluded=True)
        found = await history(api, line)
        assert {(each["field"], each["value"], each["actor"], each["reason"]) for each in found[:2]} == {
            ("excluded", True, "Ann", ""),
            ("charge_start_date", None, "Ann", ""),
        }
        assert (found[2]["value"], found[2]["reason"]) == ("2026-10-20", "Started late")
        assert found[0]["edit_id"] == found[1]["edit_id"] != found[2]["edit_id"]
        assert {each["label"] for each in found} == {"Excluded", "Charge start"}

    async def test_it_comes_in_pages(self, loaded: Billing, api: Client) -> None:
        for day in ("2026-10-20", "2026-10-21", "2026-10-22"):
            line = await edit(api, loaded, charge_start_date=day)
        pages = await api.pages(f"/invoice-lines/{line['id']}/history", limit=2)
        assert [[each["value"] for each in page] for page in pages] == [["2026-10-22", "2026-10-21"], ["2026-10-20"]]
        problem = await api("GET", f"/invoice-lines/{line['id']}/history", 400, params={"cursor": "WyJ4Il0"})
        assert problem["code"] == "bad_cursor"


class TestRevert:
    async def test_what_was_decided_before_is_in_force_again(self, loaded: Billing, api: Client) -> None:
        await edit(api, loaded, charge_start_date="2026-10-20")
        line = await edit(api, loaded, charge_start_date="2026-10-25")
        (last, first) = await history(api, line)
        reverted = await revert(api, line, last["edit_id"])
        assert (reverted["charge_start_date"], reverted["version"]) == ("2026-10-20", line["version"] + 1)
        assert (await revert(api, reverted, first["edit_id"]))["provenance"]["charge_start_date"]["user"] is None
        assert [each["reverted_by"] for each in await history(api, line)] == ["Ann", "Ann"]
        change = FieldChange(field="charge_start_date", before="2026-10-25", after="2026-10-20")
        assert (await loaded.told(LineEdited))[2].changes == [change]

    async def test_an_edit_that_a_later_one_covers_changes_nothing_yet(self, loaded: Billing, api: Client) -> None:
        await edit(api, loaded, charge_start_date="2026-10-20")
        line = await edit(api, loaded, charge_start_date="2026-10-25")
        assert await revert(api, line, (await history(api, line))[1]["edit_id"]) == line

    async def test_an_edit_is_reverted_once(self, loaded: Billing, api: Client) -> None:
        line = await edit(api, loaded, excluded=True)
        (decision,) = await history(api, line)
        line = await revert(api, line, decision["edit_id"])
        problem = await revert(api, line, decision["edit_id"], 404)
        assert problem["code"] == "edit_not_found"


async def revert(api: Client, line: Any, edit_id: str, status: int = 200) -> Any:
    path = f"/invoice-lines/{line['id']}/history/{edit_id}/revert"
    return await api("POST", path, status, json={"version": line["version"]})


class TestManyLines:
    async def test_one_statement_decides_on_many_lines(self, loaded: Billing, api: Client) -> None:
        values: dict[str, JsonValue] = {"charge_start_date": "2026-10-20", "excluded": True}
        wanted = [each.id for each in await loaded.lines() if each.charge_type == "CycleFee"]
        async with loaded.database.writing(loaded.circumstances()) as session:
            decided = dict.fromkeys(wanted, values)
            assert await repository.decide(session, Edit(EDIT, "Ann", "Wrong month"), decided) == 4
            chosen = await lines.find_by_ids(session, [each.id for each in await loaded.lines()])
            await lines.save(session, [each for each in await rate_again(session, chosen) if each.version == 2])
        after = await loaded.lines()
        assert [each.rated.status for each in after] == [LineStatus.EXCLUDED, LineStatus.EXCLUDED, LineStatus.READY]
        assert [each.rated.start.user for each in after] == [date(2026, 10, 20), date(2026, 10, 20), None]
        assert await loaded.owner.fetchval("SELECT count(DISTINCT edit_id) FROM billing.line_decision") == 1

    async def test_lines_of_another_partner_are_out_of_reach(self, loaded: Billing) -> None:
        stranger = Billing(loaded.database, UUID(int=1), loaded.owner)
        decided = {each.id: {"excluded": True} for each in await loaded.lines()}
        async with loaded.database.writing(stranger.circumstances()) as session:
            assert await repository.decide(session, Edit(EDIT, "Eve", ""), decided) == 0


class TestFields:
    async def test_the_api_says_what_can_be_edited_and_how(self, api: Client) -> None:
        items = (await api.get("/invoice-lines/editable-fields"))["items"]
        assert [(each["field"], each["label"], each["editor"]) for each in items] == [
            ("charge_start_date", "Charge start", "date"),
            ("charge_end_date", "Charge end", "date"),
            ("quantity", "Quantity", "number"),
            ("unit_price", "Unit price", "number"),
            ("description", "Description", "template"),
            ("bill_option", "Bill option", "bill_option"),
            ("taxable", "Taxable", "switch"),
            ("product_id", "Product", "product"),
            ("agreement_id", "Agreement", "agreement"),
            ("excluded", "Excluded", "switch"),
        ]
        assert [each["field"] for each in items if each["after_invoicing"]] == ["quantity", "unit_price", "excluded"]
        chosen = {each["field"]: each["choices"] for each in items if each["choices"]}
        assert chosen == {"bill_option": ["Billable", "DoNotBill", "NoCharge"]}

    async def test_one_entry_makes_a_field_editable(
        self, loaded: Billing, api: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name = EditableField("Subscription", Editor.TEXT, "subscription_name", EditableId)
        monkeypatch.setitem(EDITABLE, "subscription", name)
        change = build_line_change(EDITABLE).model_validate({"version": 1, "subscription": "Office for Alpine"})
        before = (await loaded.lines())[0]
        async with loaded.database.writing(loaded.circumstances()) as session:
            await service.edit_line(session, before.id, change.version, change.decisions())
        after = (await loaded.lines())[0]
        assert after.rated.description == "Office for Alpine - Cycle Fee"
        assert after.line == before.line
        await loaded.hears(rows_loaded(a_row("1", quantity=10)))
        assert (await loaded.lines())[0].rated.description == "Office for Alpine - Cycle Fee"
        found = await history(api, {"id": after.id})
        assert [(each["label"], each["value"]) for each in found] == [("Subscription", "Office for Alpine")]
        with pytest.raises(ValidationError):
            build_line_change(EDITABLE).model_validate({"version": 1, "subscription": "x" * 101})
