"""Wording a description: how lines that are there would read, before anything is saved."""

from tests.billing.builders import a_row, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client


class TestPreview:
    async def test_a_line_of_each_charge_type_is_described_with_the_template(
        self, billing: Billing, api: Client
    ) -> None:
        rows = [a_row("row-1", vendor="Microsoft"), a_row("row-2"), a_row("row-3", charge_type="UsageFee")]
        await billing.hears(*both_sides(), rows_loaded(*rows))
        found = await api.get("/billing-rules/description", template="{vendor} - {offer} {period}", day_form="dots")
        assert {each["charge_type"]: each["description"] for each in found["samples"]} == {
            "CycleFee": "Microsoft - Microsoft 365 Business 12.10.2026 – 11.11.2026",
            "UsageFee": "Microsoft 365 Business 12.10.2026 – 11.11.2026",
        }
        (cycle,) = (each for each in found["samples"] if each["charge_type"] == "CycleFee")
        assert (cycle["values"]["vendor"], cycle["values"]["purchase_order"]) == ("Microsoft", "")
        assert cycle["values"]["unit_price"] == "3.00"

    async def test_nothing_is_saved(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        await api.get("/billing-rules/description", template="Cloud")
        assert (await api.get("/billing-rules"))["version"] == 0
        assert (await billing.line()).rated.description == "M365 Alpine - Cycle Fee"

    async def test_a_placeholder_nobody_knows_is_named(self, api: Client) -> None:
        problem = await api("GET", "/billing-rules/description", 422, params={"template": "{price}"})
        assert problem["errors"][0]["field"] == "template"
        assert "{price}" in problem["errors"][0]["message"]

    async def test_without_lines_there_are_no_samples(self, api: Client) -> None:
        assert (await api.get("/billing-rules/description", template="{offer}"))["samples"] == []
