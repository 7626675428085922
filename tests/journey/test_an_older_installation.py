"""A database that the version before filled, edited and pushed goes on under today's code."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.old_installation.restore import restore
from tests.support.product import Product

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

DATES = ("charge_start_date", "charge_end_date")
ORIGIN = ("provenance", "source", "system", "user")


@dataclass(frozen=True)
class Continued:
    """The installation under today's code, and what the version before answered last."""

    api: Api
    before: dict[str, Any]

    @property
    def period(self) -> str:
        return str(self.before["period"])


@pytest.fixture(scope="module")
def continued() -> Iterator[Continued]:
    """Migrated and started as `make run` does it, with the stand-ins as they were left."""
    product = Product()
    try:
        before = restore(product)
        product.start()
        api = Api(product)
        yield Continued(api, before)
        api.client.close()
    finally:
        product.forget()


class TestContinued:
    def test_the_next_plan_has_nothing_to_do(self, continued: Continued) -> None:
        plan = continued.api.plan(continued.period)

        assert plan["status"] == "ready", plan["error"]
        assert operations(plan) == operations(continued.before["plan"]) == {"none": plan["summary"]["none"]}
        assert plan["amounts"] == continued.before["plan"]["amounts"]
        assert plan["unsent"] == continued.before["plan"]["unsent"]
        assert continued.api.sandbox("connectwise", "calls")["writes"] == 0

    def test_edited_lines_keep_what_people_decided_and_where_each_value_comes_from(self, continued: Continued) -> None:
        for before in continued.before["lines"]:
            line = continued.api.get(f"/invoice-lines/{before['id']}")
            kept = ("status", "excluded", "agreement_id", "product_id", "total", "addition_id", *DATES)
            assert {name: line[name] for name in kept} == {name: before[name] for name in kept}
            assert origins(line) == origins(before)

    def test_every_line_is_counted_as_before(self, continued: Continued) -> None:
        totals = continued.api.get("/invoice-lines/totals", period=continued.period)

        assert totals["lines"] == continued.before["totals"]["lines"]
        assert totals["by_status"] == continued.before["totals"]["by_status"]

    def test_lines_are_held_as_before_and_a_late_charge_on_a_prorating_agreement_too(
        self, continued: Continued
    ) -> None:
        found = continued.api.get("/invoice-lines/totals", period=continued.period)["hold_reasons"]
        before = dict(continued.before["totals"]["hold_reasons"])
        late, late_before = found.pop("period_already_invoiced"), before.pop("period_already_invoiced")
        assert found == before
        assert late["count"] == late_before["count"] + 1  # it was held for something else alone

    def test_its_receipt_still_reads(self, continued: Continued) -> None:
        before = continued.before["receipt"]
        receipt = continued.api.get(f"/receipts/{before['run_id']}")

        assert receipt["ties_out"] is before["ties_out"]
        assert receipt["examined"] == before["examined"]
        for total, old in zip(receipt["totals"], before["totals"], strict=True):
            assert {name: total[name] for name in old} == old
        assert len(receipt["unsent"]) == len(before["unsent"])
        assert receipt["failures"] == before["failures"]

    def test_its_runs_are_still_listed(self, continued: Continued) -> None:
        runs = {run["id"]: run["status"] for run in continued.api.items("/runs", limit=100)}

        assert runs.items() >= {(run["id"], run["status"]) for run in continued.before["runs"]}


def operations(plan: dict[str, Any]) -> dict[str, int]:
    """How many additions need what, kinds that none needs left out."""
    return {kind: count for kind, count in plan["summary"].items() if count}


def origins(line: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {date: {part: line["provenance"][date][part] for part in ORIGIN} for date in DATES}
