"""People decide quantity, unit price, description, bill option, tax and product of a line over the API."""

from typing import Any

import pytest

from services.contracts.events.billing import LineEdited
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import MirrorKind
from tests.billing.builders import a_record, a_row, agreements, an_agreement, both_sides, mirror, rows_loaded
from tests.billing.conftest import Billing, Client

VALUES: list[tuple[str, Any]] = [
    ("charge_start_date", "2026-10-20"),
    ("charge_end_date", "2026-10-25"),
    ("quantity", "4"),
    ("unit_price", "3.25"),
    ("description", "{quantity} seats"),
    ("bill_option", "DoNotBill"),
    ("taxable", False),
    ("product_id", "product-9"),
    ("agreement_id", "agreement-2"),
    ("excluded", True),
]
INVOICED = """
UPDATE billing.line SET sent_fingerprint = fingerprint, sent_marker = 'TO-1', sent_recurring = false, status = 'sent',
  sent_amount = amount, sent_agreement_id = 'agreement-1', sent_from = '2026-09-01', sent_at = now()
"""


@pytest.fixture
async def line(billing: Billing, api: Client) -> Any:
    """One ready line, as the API shows it; the PSA has a second product and a second agreement of the company."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.hears(
        mirror(MirrorKind.CATALOG_ITEM, a_record("product-9", "Managed Seat")),
        agreements(an_agreement("agreement-2", name="Projects", currency="EUR")),
        rows_loaded(a_row()),
    )
    await billing.catches_up()
    return (await api.get("/invoice-lines"))["items"][0]


async def edit(api: Client, line: Any, status: int = 200, **change: Any) -> Any:
    return await api("PATCH", f"/invoice-lines/{line['id']}", status, json={"version": line["version"]} | change)


async def origins(api: Client, line: Any) -> dict[str, Any]:
    found = await api.get(f"/invoice-lines/{line['id']}/origins")
    return {each["field"]: each for each in found["items"]}


class TestEdit:
    async def test_every_field_is_taken_told_kept_and_reverted_to_where_it_came_from(
        self, billing: Billing, api: Client, line: Any
    ) -> None:
        before = await origins(api, line)
        current = line
        for field, value in VALUES:
            current = await edit(api, current, **{field: value}, reason=f"Why {field}")
            assert current["decided"] == {field: value}
            told = (await billing.told(LineEdited))[-1]
            assert [(each.field, each.after) for each in told.changes] == [(field, value)]
            origin = (await origins(api, current))[field]
            assert (origin["provenance"], origin["user"], origin["decided_by"]) == ("user", value, "Ann")
            assert (origin["reason"], origin["system"]) == (f"Why {field}", before[field]["system"])
            path = f"/invoice-lines/{line['id']}/history/{origin['edit_id']}/revert"
            current = await api("POST", path, json={"version": current["version"]})
            assert await origins(api, current) == before
            assert current | {"version": line["version"]} == line

    async def test_money_words_and_kinds_reach_the_addition(self, api: Client, line: Any) -> None:
        edited = await edit(
            api,
            line,
            quantity="4.0",
            unit_price="3.25",
            description="{quantity} seats of {organization}",
            bill_option="NoCharge",
            taxable=False,
            product_id="product-9",
        )
        assert (edited["quantity"], edited["unit_price"], edited["total"]) == ("10", "3.00", "30.00")
        assert (edited["addition_quantity"], edited["addition_unit_price"], edited["amount"]) == ("4", "3.25", "13.00")
        assert (edited["description"], edited["product"]) == ("4 seats of Alpine", "Managed Seat")
        assert (edited["bill_option"], edited["taxable"], edited["forecast"]) == ("NoCharge", False, "0")

    async def test_only_what_differs_is_decided(self, billing: Billing, api: Client, line: Any) -> None:
        edited = await edit(api, line, quantity="4", taxable=False)
        again = await edit(api, edited, quantity="4.00", taxable=True)
        assert (again["decided"], len(await billing.told(LineEdited))) == ({"quantity": "4", "taxable": True}, 2)
        assert (await billing.told(LineEdited))[1].changes == [FieldChange(field="taxable", before=False, after=True)]

    async def test_a_product_that_the_psa_lacks_is_refused(self, api: Client, line: Any) -> None:
        problem = await edit(api, line, 422, product_id="product-404")
        assert (problem["code"], "product-404" in problem["detail"]) == ("product_not_in_psa", True)

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("quantity", "-1", "more than zero"),
            ("unit_price", "1.1234567", "at most 6 decimals"),
            ("description", "{amount}", "unknown placeholder {amount}"),
            ("bill_option", "Free", "'Billable', 'DoNotBill' or 'NoCharge'"),
        ],
    )
    async def test_what_cannot_be_is_refused_in_words(
        self, api: Client, line: Any, field: str, value: str, words: str
    ) -> None:
        problem = await edit(api, line, 422, **{field: value})
        (error,) = problem["errors"]
        assert (error["field"], words in error["message"]) == (field, True)

    async def test_a_new_load_of_the_row_leaves_what_was_decided(
        self, billing: Billing, api: Client, line: Any
    ) -> None:
        await edit(api, line, quantity="4", taxable=False)
        await billing.hears(rows_loaded(a_row(quantity=12, total="36.00")))
        loaded = (await api.get("/invoice-lines"))["items"][0]
        assert (loaded["quantity"], loaded["addition_quantity"], loaded["amount"]) == ("12", "4", "12.00")
        assert loaded["taxable"] is False


class TestOrigins:
    async def test_they_say_what_was_charged_what_the_rules_say_and_why(self, api: Client, line: Any) -> None:
        found = await api.get(f"/invoice-lines/{line['id']}/origins")
        assert (found["version"], found["rules_version"], found["names"]["product-1"]) == (
            line["version"],
            0,
            "Microsoft 365 Business",
        )
        said = {each["field"]: (each["provenance"], each["value"], each["explanation"]) for each in found["items"]}
        assert said["quantity"] == ("source", "10", "as it was charged")
        assert said["description"] == (
            "system",
            "M365 Alpine - Cycle Fee",
            "the description template of the rules",
        )
        assert said["bill_option"] == ("system", "Billable", "the rules for Cycle Fee")
        assert said["product_id"] == ("system", "product-1", "what Microsoft 365 Business is mapped to")
        assert {each["why_not"] for each in found["items"]} == {""}

    async def test_a_line_nobody_has_is_not_found(self, api: Client) -> None:
        await api("GET", "/invoice-lines/00000000-0000-0000-0000-000000000001/origins", 404)


class TestAfterInvoicing:
    @pytest.fixture
    async def invoiced(self, billing: Billing, api: Client, line: Any) -> Any:
        """The line, sent for September, which the PSA has invoiced."""
        await billing.owner.execute(INVOICED)
        return await api.get(f"/invoice-lines/{line['id']}")

    async def test_each_field_that_stays_says_why(self, api: Client, invoiced: Any) -> None:
        assert invoiced["is_invoiced"] is True
        refused = {name: each["why_not"] for name, each in (await origins(api, invoiced)).items() if each["why_not"]}
        assert refused.keys() == {name for name, _ in VALUES} - {"quantity", "unit_price", "excluded"}
        assert "has invoiced this line: description stays as it was sent" in refused["description"]
        for name, value in VALUES:
            if name in refused:
                problem = await edit(api, invoiced, 409, **{name: value})
                assert problem["code"] == "line_is_invoiced"

    async def test_a_changed_quantity_goes_out_as_a_true_up(self, api: Client, invoiced: Any) -> None:
        edited = await edit(api, invoiced, quantity="4")
        assert (edited["status"], edited["amount"], edited["is_invoiced"]) == ("ready", "12.00", True)
        assert "the difference of -18.00 USD goes out as a true-up" in edited["explanation"][0]
