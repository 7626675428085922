"""One act on many lines: previewed, applied as a whole, undone and put back as a whole."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from services.billing.bulk_edits.schemas import BulkEditOut
from services.billing.lines.stored import StoredLine
from services.billing.worker import JOBS
from services.contracts.events.billing import LineEdited, LinesEdited
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import Announcement
from services.kit.ledger.work import handle_work
from tests.billing.builders import a_record, a_row, agreements, an_agreement, both_sides, mirror, rows_loaded
from tests.billing.conftest import Billing, Client

OCTOBER = {"filter": {"period": "2026-10"}}


async def works(billing: Billing) -> None:
    """Do every job that billing has ordered, as its worker does."""
    for row in await billing.owner.fetch("SELECT id FROM bus.job WHERE handled_at IS NULL ORDER BY id"):
        assert await handle_work(billing.database, "billing.runs", row["id"], JOBS, None)


@pytest.fixture
async def loaded(billing: Billing, api: Client) -> Billing:
    """Three lines of October, all ready."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.hears(rows_loaded(a_row("1"), a_row("2", charge_type="UsageFee"), a_row("3", charge_type="ItemFee")))
    await billing.catches_up()
    return billing


async def preview(billing: Billing, api: Client, *changes: Any, scope: Any = OCTOBER, **more: Any) -> Any:
    asked = await api("POST", "/bulk-edits", 202, json={"scope": scope, "changes": changes, **more})
    assert asked["status"] == "previewing"
    await works(billing)
    return await api.get(f"/bulk-edits/{asked['id']}")


async def carry_on(billing: Billing, api: Client, edit: Any, verb: str, status: int = 202, **body: Any) -> Any:
    answer = await api("POST", f"/bulk-edits/{edit['id']}/{verb}", status, json=body)
    if status != 202:
        return answer
    await works(billing)
    return await api.get(f"/bulk-edits/{edit['id']}")


def set_field(field: str, value: Any) -> Any:
    return {"kind": "set", "field": field, "value": value}


def only(*lines: StoredLine) -> Any:
    return {"line_ids": [str(each.id) for each in lines]}


async def edit_line(api: Client, line: StoredLine, **change: Any) -> None:
    await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version} | change)


def without_versions(lines: list[StoredLine]) -> list[tuple[Any, ...]]:
    return [(each.line, each.rated, dict(each.decisions), each.effective) for each in lines]


class TestPreview:
    async def test_it_tells_what_would_happen_and_changes_nothing(self, loaded: Billing, api: Client) -> None:
        before = await loaded.lines()
        edit = await preview(loaded, api, set_field("excluded", True))
        found = edit["preview"]
        assert (edit["status"], found["matched"], found["customers"]) == ("ready", 3, 1)
        total = str(sum(each.line.total for each in before))
        assert found["changed"] == {"count": 3, "amounts": {"USD": total}}
        assert {name: each["count"] for name, each in found["before"].items()} == {"ready": 3}
        assert {name: each["count"] for name, each in found["after"].items()} == {"excluded": 3}
        assert (found["will_bill_before"], found["will_bill_after"]) == ({"USD": total}, {})
        assert found["samples"][0]["changes"] == [{"field": "excluded", "before": False, "after": True}]
        assert await loaded.lines() == before

    async def test_lines_that_have_the_values_already_are_left_out(self, loaded: Billing, api: Client) -> None:
        line = (await loaded.lines())[0]
        await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "excluded": True})
        found = (await preview(loaded, api, set_field("excluded", True)))["preview"]
        assert (found["changed"]["count"], found["skipped"][0]["reason"]) == (2, "unchanged")
        assert found["skipped"][0]["lines"]["count"] == 1
        assert found["skipped_samples"][0]["line_id"] == str(line.id)

    async def test_a_filter_that_finds_nothing_says_so(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True), scope={"filter": {"period": "2026-09"}})
        assert (edit["status"], edit["error"], edit["preview"]) == ("failed", "No line matches.", None)

    async def test_lines_can_be_named_by_id(self, loaded: Billing, api: Client) -> None:
        chosen = [str(each.id) for each in (await loaded.lines())[:2]]
        edit = await preview(loaded, api, set_field("excluded", True), scope={"line_ids": chosen})
        assert edit["preview"]["matched"] == 2

    @pytest.mark.parametrize(
        ("body", "names"),
        [
            ({"scope": {}, "changes": [set_field("excluded", True)]}, "give a filter or line_ids"),
            ({"scope": OCTOBER, "changes": []}, "at least 1 item"),
            ({"scope": OCTOBER, "changes": [set_field("colour", "red")]}, "colour cannot be edited"),
            ({"scope": OCTOBER, "changes": [set_field("charge_start_date", "soon")]}, "charge_start_date"),
            ({"scope": OCTOBER, "changes": [set_field("charge_start_date", "0206-10-20")]}, "charge_start_date"),
            ({"scope": OCTOBER, "changes": [set_field("excluded", None)]}, "use the change 'clear'"),
            ({"scope": OCTOBER, "changes": [{"kind": "shift_dates"}]}, "say by how many"),
            (
                {"scope": OCTOBER, "changes": [set_field("charge_start_date", "2026-10-02"), {"kind": "clear"}]},
                "two changes are about charge_start_date",
            ),
            ({"scope": {"filter": {"colour": "red"}}, "changes": [set_field("excluded", True)]}, "colour"),
        ],
    )
    async def test_what_makes_no_sense_is_refused_in_words(self, api: Client, body: Any, names: str) -> None:
        problem = await api("POST", "/bulk-edits", 422, json=body)
        assert names in f"{problem['errors']}"

    async def test_an_agreement_that_the_psa_lacks_is_refused(self, loaded: Billing, api: Client) -> None:
        body = {"scope": OCTOBER, "changes": [set_field("agreement_id", "agreement-404")]}
        assert (await api("POST", "/bulk-edits", 422, json=body))["code"] == "agreement_not_in_psa"

    async def test_it_tells_customers_holds_and_names(self, loaded: Billing, api: Client) -> None:
        await loaded.hears(agreements(an_agreement("agreement-1"), an_agreement("agreement-9", currency="EUR")))
        found = (await preview(loaded, api, set_field("agreement_id", "agreement-9")))["preview"]
        total = {"count": 3, "amounts": {"USD": "90.00"}}
        customer = {"organization_id": "org-1", "organization": "Alpine", "changed": total, "skipped": 0}
        assert found["by_customer"] == [customer]
        assert found["holds_after"] == {"currency_mismatch": total}
        change = {"field": "agreement_id", "before": "agreement-1", "after": "agreement-9"}
        assert found["samples"][0]["changes"] == [change]
        assert found["names"] == {
            "agreement-1": "Name of agreement-1",
            "agreement-9": "Name of agreement-9",
        }

    async def test_a_date_that_the_rules_gave_is_shown_as_what_it_was_before(
        self, loaded: Billing, api: Client
    ) -> None:
        line = (await loaded.lines())[0]
        edit = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"), scope=only(line))
        change = {"field": "charge_start_date", "before": f"{line.rated.start.value}", "after": "2026-10-20"}
        assert edit["preview"]["samples"][0]["changes"] == [change]

    async def test_skipped_lines_are_told_page_by_page(self, loaded: Billing, api: Client) -> None:
        ids = sorted(str(each.id) for each in await loaded.lines())
        edit = await preview(loaded, api, {"kind": "next_open_period"})
        pages = await api.pages(f"/bulk-edits/{edit['id']}/skipped", limit=2)
        assert [[each["line_id"] for each in page] for page in pages] == [ids[:2], ids[2:]]
        assert {each["reason"] for page in pages for each in page} == {"period_is_open"}
        assert (await api.get(f"/bulk-edits/{edit['id']}/skipped", reason="invoiced"))["items"] == []

    async def test_what_an_applied_edit_would_skip_is_nobody_s_question(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True))
        await carry_on(loaded, api, edit, "apply")
        assert (await api("GET", f"/bulk-edits/{edit['id']}/skipped", 409))["code"] == "bulk_edit_is_not_ready"


class TestReason:
    @pytest.fixture(autouse=True)
    def _limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIEOUT_BULK_EDIT_REASON_ABOVE", "2")

    async def test_more_lines_than_the_limit_need_one(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True))
        assert edit["needs_reason"] is True
        assert (await carry_on(loaded, api, edit, "apply", 422))["code"] == "reason_required"
        edit = await carry_on(loaded, api, edit, "apply", reason="Ends in September")
        assert (edit["status"], edit["reason"]) == ("applied", "Ends in September")

    async def test_live_announcements_say_so_too(self, loaded: Billing, api: Client) -> None:
        announced: list[Announcement] = []

        async def listen(some: Sequence[Announcement]) -> None:
            announced.extend(some)

        loaded.database.announce = listen
        await preview(loaded, api, set_field("excluded", True))
        told = [each.payload for each in announced if isinstance(each.payload, BulkEditOut)]
        assert [each.needs_reason for each in told if each.preview] == [True]


class TestApply:
    async def test_all_lines_change_together_with_one_history_and_one_fact(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"), reason="Started late")
        edit = await carry_on(loaded, api, edit, "apply")
        assert (edit["status"], edit["applied_by"], edit["done"], edit["total"]) == ("applied", "Ann", 3, 3)
        after = await loaded.lines()
        assert {str(each.rated.start.user) for each in after} == {"2026-10-20"}
        assert {each.version for each in after} == {2}
        history = (await api.get(f"/invoice-lines/{after[0].id}/history"))["items"]
        assert (history[0]["edit_id"], history[0]["reason"]) == (edit["id"], "Started late")
        (fact,) = await loaded.told(LinesEdited)
        assert (fact.lines, fact.customers, fact.periods, fact.fields) == (3, 1, ["2026-10"], ["charge_start_date"])
        assert await loaded.told(LineEdited) == []

    async def test_it_is_the_same_as_editing_one_by_one(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"), set_field("excluded", True))
        await carry_on(loaded, api, edit, "apply")
        at_once = without_versions(await loaded.lines())
        await carry_on(loaded, api, edit, "undo")
        for line in await loaded.lines():
            change = {"version": line.version, "charge_start_date": "2026-10-20", "excluded": True}
            await api("PATCH", f"/invoice-lines/{line.id}", json=change)
        assert without_versions(await loaded.lines()) == at_once

    async def test_a_line_that_moved_since_the_preview_stops_the_whole_edit(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True))
        line = (await loaded.lines())[1]
        await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "charge_end_date": "2026-10-30"})
        edit = await carry_on(loaded, api, edit, "apply")
        said = "1 line changed since the preview was made (Ann). Nothing was changed: look at a new preview."
        assert (edit["status"], edit["error"]) == ("stale", said)
        assert [each.effective.is_excluded for each in await loaded.lines()] == [None, None, None]

    async def test_a_new_preview_can_leave_out_what_somebody_changed_since(self, loaded: Billing, api: Client) -> None:
        first = await preview(loaded, api, set_field("excluded", True))
        moved = (await loaded.lines())[1]
        await edit_line(api, moved, charge_end_date="2026-10-30")
        first = await carry_on(loaded, api, first, "apply")
        scope = first["scope"] | {"unless_changed_since": first["created_at"]}
        second = await preview(loaded, api, set_field("excluded", True), scope=scope)
        (skipped,) = second["preview"]["skipped_samples"]
        assert (skipped["line_id"], skipped["reason"]) == (str(moved.id), "changed_since")
        assert skipped["words"] == "Ann changed it since the preview before"
        await carry_on(loaded, api, second, "apply")
        assert [each.effective.is_excluded for each in await loaded.lines()] == [True, None, True]

    async def test_a_line_that_came_since_the_preview_stops_it_too(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True))
        await loaded.hears(rows_loaded(a_row("4")))
        assert (await carry_on(loaded, api, edit, "apply"))["status"] == "stale"

    async def test_it_is_applied_once(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True))
        await api("POST", f"/bulk-edits/{edit['id']}/apply", 202, json={})
        problem = await carry_on(loaded, api, edit, "apply", 409)
        assert problem["code"] == "bulk_edit_is_not_ready"
        await works(loaded)
        assert len(await loaded.told(LinesEdited)) == 1

    async def test_what_a_person_did_before_can_be_cleared_for_all(self, loaded: Billing, api: Client) -> None:
        untouched = without_versions(await loaded.lines())
        first = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"), set_field("excluded", True))
        await carry_on(loaded, api, first, "apply")
        second = await preview(loaded, api, {"kind": "clear"})
        await carry_on(loaded, api, second, "apply")
        assert [each[1] for each in without_versions(await loaded.lines())] == [each[1] for each in untouched]

    async def test_dates_shift_by_months_and_days_and_open_ends_stay_open(self, loaded: Billing, api: Client) -> None:
        before = {each.id: each.rated for each in await loaded.lines()}
        edit = await preview(loaded, api, {"kind": "shift_dates", "days": 1})
        assert edit["preview"]["changed"]["count"] == 3
        await carry_on(loaded, api, edit, "apply")
        for line in await loaded.lines():
            for was, now in ((before[line.id].start, line.rated.start), (before[line.id].end, line.rated.end)):
                days = now.value and was.value and (now.value - was.value).days
                assert (was.value is None) == (now.value is None)
                assert days in (1, None)

    async def test_each_customer_gets_its_own_agreement_of_a_type(self, loaded: Billing, api: Client) -> None:
        company = (await loaded.lines())[0].rated.company_id
        assert company is not None
        own = an_agreement("agreement-7", name="Cloud", company_id=company, type_id="cloud")
        other = an_agreement("agreement-8", name="Cloud", company_id="company-9", type_id="cloud")
        await loaded.hears(agreements(own, other))
        edit = await preview(loaded, api, {"kind": "agreement_of_type", "type_id": "cloud"})
        await carry_on(loaded, api, edit, "apply")
        assert {each.rated.agreement_id for each in await loaded.lines()} == {"agreement-7"}

    async def test_forty_customers_get_their_own_in_one_step_and_back(self, billing: Billing, api: Client) -> None:
        numbers = range(40)
        records = {
            MirrorKind.COMPANY: [a_record(f"company-{each}", f"Customer {each}") for each in numbers],
            MirrorKind.CATALOG_ITEM: [a_record("product-1", "Microsoft 365 Business")],
            MirrorKind.ORGANIZATION: [a_record(f"org-{each}", f"Customer {each}", currency="USD") for each in numbers],
            MirrorKind.OFFER: [a_record("offer-1", "Microsoft 365 Business")],
        }
        chosen = [
            an_agreement(f"{kind}-{each}", company_id=f"company-{each}", type_id=kind)
            for each in numbers
            for kind in ("cloud", "managed")
        ]
        await billing.hears(*(mirror(kind, *some) for kind, some in records.items()), agreements(*chosen))
        await api("POST", "/organizations/accept-suggestions", json={"ids": [f"org-{each}" for each in numbers]})
        await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
        rows = [
            a_row(f"{each}", organization_id=f"org-{each}", organization_name=f"Customer {each}") for each in numbers
        ]
        await billing.hears(rows_loaded(*rows))
        await billing.catches_up()

        edit = await preview(billing, api, {"kind": "agreement_of_type", "type_id": "cloud"})
        assert (edit["preview"]["customers"], edit["preview"]["changed"]["count"]) == (40, 40)
        assert {name: each["count"] for name, each in edit["preview"]["before"].items()} == {"held": 40}
        assert {name: each["count"] for name, each in edit["preview"]["after"].items()} == {"ready": 40}
        for verb, agreement_of in (("apply", "cloud-{}"), ("undo", None), ("redo", "cloud-{}")):
            await carry_on(billing, api, edit, verb)
            for line in await billing.lines():
                own = line.line.organization_id.removeprefix("org-")
                assert line.rated.agreement_id == (agreement_of and agreement_of.format(own))

    async def test_a_company_without_such_an_agreement_is_left_out_with_the_reason(
        self, loaded: Billing, api: Client
    ) -> None:
        found = (await preview(loaded, api, {"kind": "agreement_of_type", "type_id": "none"}))["preview"]
        assert (found["changed"]["count"], found["skipped"][0]["reason"]) == (0, "no_agreement")


class TestUndo:
    async def test_it_restores_every_field_and_where_it_came_from(self, loaded: Billing, api: Client) -> None:
        line = (await loaded.lines())[0]
        await api(
            "PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "charge_start_date": "2026-10-15"}
        )
        before = without_versions(await loaded.lines())
        edit = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"), set_field("excluded", True))
        edit = await carry_on(loaded, api, edit, "apply")
        done = without_versions(await loaded.lines())
        edit = await carry_on(loaded, api, edit, "undo")
        assert (edit["status"], edit["undone_by"]) == ("undone", "Ann")
        assert without_versions(await loaded.lines()) == before
        edit = await carry_on(loaded, api, edit, "redo")
        assert (edit["status"], edit["undone_at"]) == ("applied", None)
        assert without_versions(await loaded.lines()) == done
        assert [each.is_undo for each in await loaded.told(LinesEdited)] == [False, True, False]

    async def test_what_was_decided_since_stays_decided(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"))
        edit = await carry_on(loaded, api, edit, "apply")
        line = (await loaded.lines())[0]
        await api(
            "PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "charge_start_date": "2026-10-25"}
        )
        await carry_on(loaded, api, edit, "undo")
        assert [str(each.rated.start.user) for each in await loaded.lines()] == ["2026-10-25", "None", "None"]

    async def test_an_edit_whose_lines_were_sent_since_stays(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("charge_start_date", "2026-10-20"))
        edit = await carry_on(loaded, api, edit, "apply")
        await loaded.owner.execute("UPDATE billing.line SET status = 'sent', sent_at = now() + interval '1 minute'")
        edit = await carry_on(loaded, api, edit, "undo")
        assert (edit["status"], edit["error"][:33]) == ("applied", "3 of 3 lines were sent since: the")

    async def test_only_what_is_applied_can_be_undone(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("excluded", True))
        assert (await carry_on(loaded, api, edit, "undo", 409))["code"] == "bulk_edit_is_not_ready"
        nobody = {"id": "00000000-0000-0000-0000-000000000001"}
        assert (await carry_on(loaded, api, nobody, "undo", 404))["code"] == "bulk_edit_not_found"


class TestValues:
    async def test_money_before_and_after_is_in_the_preview(self, loaded: Billing, api: Client) -> None:
        found = (await preview(loaded, api, set_field("unit_price", "2.00"), set_field("quantity", "5")))["preview"]
        assert (found["will_bill_before"], found["will_bill_after"]) == ({"USD": "90.00"}, {"USD": "30.00"})
        assert {"field": "unit_price", "before": None, "after": "2.00"} in found["samples"][0]["changes"]

    async def test_unit_prices_change_by_a_percentage_of_what_is_billed_now(self, loaded: Billing, api: Client) -> None:
        await edit_line(api, (await loaded.lines())[0], unit_price="0.10")
        edit = await preview(loaded, api, {"kind": "percent", "percent": "5"})
        await carry_on(loaded, api, edit, "apply")
        assert [each.decisions["unit_price"] for each in await loaded.lines()] == ["0.11", "3.15", "3.15"]
        finer = await preview(loaded, api, {"kind": "percent", "percent": "-50", "decimals": 4})
        await carry_on(loaded, api, finer, "apply")
        assert [each.decisions["unit_price"] for each in await loaded.lines()] == ["0.0550", "1.5750", "1.5750"]

    async def test_a_line_without_a_price_is_left_out_with_the_reason(self, loaded: Billing, api: Client) -> None:
        await loaded.hears(rows_loaded(a_row("1", unit_price="0", total="0")))
        found = (await preview(loaded, api, {"kind": "percent", "percent": "5"}))["preview"]
        assert (found["changed"]["count"], [each["reason"] for each in found["skipped"]]) == (2, ["no_price"])

    async def test_a_description_is_filled_for_each_line(self, loaded: Billing, api: Client) -> None:
        edit = await preview(loaded, api, set_field("description", "{charge_type}: {quantity}"))
        await carry_on(loaded, api, edit, "apply")
        described = [each.rated.description for each in await loaded.lines()]
        assert described == ["Cycle Fee: 10", "Usage Fee: 10", "Item Fee: 10"]

    @pytest.mark.parametrize(
        ("change", "code", "words"),
        [
            (set_field("quantity", "-1"), "invalid_fields", "more than zero"),
            (set_field("unit_price", 1.5), "invalid_fields", "decimal strings"),
            (set_field("bill_option", "Free"), "invalid_fields", "'NoCharge'"),
            (set_field("product_id", "product-404"), "product_not_in_psa", "product-404"),
            ({"kind": "percent", "percent": "0"}, "invalid_fields", "say by how many percent"),
            ({"kind": "percent", "percent": "-101"}, "invalid_fields", "below -100 %"),
            ({"kind": "percent", "percent": "5", "decimals": 7}, "invalid_fields", "less than or equal to 6"),
        ],
    )
    async def test_what_cannot_be_is_refused_in_words(
        self, loaded: Billing, api: Client, change: Any, code: str, words: str
    ) -> None:
        problem = await api("POST", "/bulk-edits", 422, json={"scope": OCTOBER, "changes": [change]})
        assert (problem["code"], words in f"{problem}") == (code, True)


def draw_values(chance: Random) -> dict[str, Any]:
    """One to all of the fields that people may change, each with some value."""
    values: dict[str, Any] = {
        "charge_start_date": f"2026-10-{chance.randint(10, 28)}",
        "charge_end_date": f"2026-10-{chance.randint(28, 31)}",
        "quantity": str(chance.randint(1, 50)),
        "unit_price": f"{chance.randint(1, 900)}.{chance.randint(0, 9999):04}",
        "description": chance.choice(["{quantity} × {offer}", "{organization} ({period})", "Seats"]),
        "bill_option": chance.choice(["Billable", "DoNotBill", "NoCharge"]),
        "taxable": chance.choice([True, False]),
        "product_id": chance.choice(["product-1", "product-9"]),
        "agreement_id": chance.choice(["agreement-1", "agreement-2"]),
        "excluded": chance.choice([True, False]),
    }
    return {name: values[name] for name in chance.sample(sorted(values), chance.randint(1, len(values)))}


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_fields_change_a_bulk_edit_is_the_edits_one_by_one_and_undo_takes_all_back(
    loaded: Billing, api: Client, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - draws examples
    another = an_agreement("agreement-2", name="Projects")
    await loaded.hears(agreements(another), mirror(MirrorKind.CATALOG_ITEM, a_record("product-9", "Managed Seat")))
    await edit_line(api, (await loaded.lines())[0], **draw_values(chance))
    before = without_versions(await loaded.lines())
    origins = await origins_of_all(loaded, api)
    values = draw_values(chance)
    edit = await preview(loaded, api, *(set_field(name, value) for name, value in values.items()))
    edit = await carry_on(loaded, api, edit, "apply")
    at_once = without_versions(await loaded.lines())
    edit = await carry_on(loaded, api, edit, "undo")
    assert edit["status"] == "undone"
    assert without_versions(await loaded.lines()) == before
    assert await origins_of_all(loaded, api) == origins
    for line in await loaded.lines():
        await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version} | values)
    assert without_versions(await loaded.lines()) == at_once


async def origins_of_all(billing: Billing, api: Client) -> list[Any]:
    lines = await billing.lines()
    return [(await api.get(f"/invoice-lines/{each.id}/origins"))["items"] for each in lines]
