from typing import Any

import pytest

from services.contracts.events.billing import LineEdited
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import LineStatus
from tests.billing.builders import a_row, agreements, an_agreement, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client


@pytest.fixture
async def line(billing: Billing, api: Client) -> Any:
    """One ready line, as the API shows it."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.hears(rows_loaded(a_row()))
    await billing.catches_up()
    return (await api.get("/invoice-lines"))["items"][0]


async def edit(api: Client, line: Any, status: int = 200, **change: Any) -> Any:
    return await api("PATCH", f"/invoice-lines/{line['id']}", status, json={"version": line["version"]} | change)


class TestEdit:
    async def test_a_users_date_is_taken_shown_and_told(self, billing: Billing, api: Client, line: Any) -> None:
        edited = await edit(api, line, charge_start_date="2026-10-20", reason="Started late")
        assert (edited["version"], edited["charge_start_date"]) == (line["version"] + 1, "2026-10-20")
        origin = edited["provenance"]["charge_start_date"]
        assert (origin["provenance"], origin["system"], origin["user"]) == ("user", "2026-10-12", "2026-10-20")
        (fact,) = await billing.told(LineEdited)
        assert (str(fact.line_id), fact.period, fact.reason) == (line["id"], "2026-10", "Started late")
        assert fact.changes == [FieldChange(field="charge_start_date", before=None, after="2026-10-20")]

    async def test_null_gives_the_date_back_to_the_rules(self, api: Client, line: Any) -> None:
        edited = await edit(api, line, charge_end_date="2026-10-25")
        assert edited["charge_end_date"] == "2026-10-25"
        restored = await edit(api, edited, charge_end_date=None)
        assert (restored["charge_end_date"], restored["provenance"]) == (None, line["provenance"])

    async def test_what_is_absent_stays(self, api: Client, line: Any) -> None:
        edited = await edit(api, line, charge_start_date="2026-10-20")
        excluded = await edit(api, edited, excluded=True)
        assert (excluded["status"], excluded["charge_start_date"]) == ("excluded", "2026-10-20")
        assert (await edit(api, excluded, excluded=None))["status"] == "ready"

    async def test_an_edit_that_changes_nothing_is_no_edit(self, billing: Billing, api: Client, line: Any) -> None:
        assert await edit(api, line, excluded=None) == line
        assert await billing.told(LineEdited) == []

    async def test_a_stale_edit_is_refused_with_the_current_line(self, api: Client, line: Any) -> None:
        edited = await edit(api, line, excluded=True)
        problem = await edit(api, line, 409, excluded=False)
        assert (problem["code"], problem["current"]) == ("stale_version", edited)

    async def test_another_agreement_is_taken_when_the_psa_has_it(
        self, billing: Billing, api: Client, line: Any
    ) -> None:
        await billing.hears(agreements(an_agreement("agreement-2", name="Projects", company_id="company-9")))
        edited = await edit(api, line, agreement_id="agreement-2")
        assert (edited["agreement"], edited["company_id"]) == ("Projects", "company-9")
        problem = await edit(api, edited, 422, agreement_id="agreement-3")
        assert problem["code"] == "agreement_not_in_psa"

    async def test_a_date_of_another_century_is_a_typing_slip(self, api: Client, line: Any) -> None:
        problem = await edit(api, line, 422, charge_start_date="0206-10-20")
        assert problem["errors"][0]["field"] == "charge_start_date"

    async def test_one_key_edits_once(self, billing: Billing, api: Client, line: Any) -> None:
        change: dict[str, Any] = {
            "json": {"version": line["version"], "excluded": True},
            "headers": {"Idempotency-Key": "k-1"},
        }
        first = await api("PATCH", f"/invoice-lines/{line['id']}", **change)
        assert await api("PATCH", f"/invoice-lines/{line['id']}", **change) == first
        assert len(await billing.told(LineEdited)) == 1

    async def test_a_line_nobody_has_is_not_found(self, api: Client) -> None:
        nobody = "00000000-0000-0000-0000-000000000001"
        problem = await api("PATCH", f"/invoice-lines/{nobody}", 404, json={"version": 1})
        assert problem["code"] == "line_not_found"
        await api("GET", f"/invoice-lines/{nobody}", 404)

    async def test_an_edit_of_a_failed_line_is_a_new_attempt(self, billing: Billing, api: Client, line: Any) -> None:
        await billing.owner.execute(
            "UPDATE billing.line SET push_error = 'refused', status = 'held', hold_reasons = '{push_failed}'"
        )
        edited = await edit(api, line, charge_start_date="2026-10-20")
        assert (edited["status"], edited["push_error"]) == ("ready", "")
        assert (await billing.line()).rated.status is LineStatus.READY
