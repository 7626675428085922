from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from services.contracts.events.sync import PlanPrepared
from services.contracts.shapes import PlanScope
from services.contracts.vocabulary import PlanStatus
from services.sync.plans.service import key_of
from tests.sync.plans.desk import PERIOD, Desk, leave, want

Api = Callable[..., httpx.AsyncClient]


class TestScopeKey:
    def test_it_does_not_depend_on_the_order_of_names(self) -> None:
        first = PlanScope(period=PERIOD, organization_ids=["a", "b"])
        assert key_of(first) == key_of(PlanScope(period=PERIOD, organization_ids=["b", "a"]))

    def test_a_whole_period_is_its_own_key(self) -> None:
        assert key_of(PlanScope(period=PERIOD)) == PERIOD

    def test_what_is_named_tells_scopes_apart(self) -> None:
        scopes = [
            PlanScope(period=PERIOD),
            PlanScope(period="2026-05"),
            PlanScope(period=PERIOD, organization_ids=["a"]),
            PlanScope(period=PERIOD, agreement_ids=["a"]),
            PlanScope(period=PERIOD, subscription_id="a"),
            PlanScope(period=PERIOD, line_ids=[uuid4()]),
        ]
        assert len({key_of(each) for each in scopes}) == len(scopes)


class TestPlansWithAScope:
    async def test_billing_is_asked_about_the_scope(self, desk: Desk) -> None:
        await desk.plan(organization_ids=["org-1"])
        (prepared,) = await desk.facts(PlanPrepared)
        assert prepared.scope == PlanScope(period=PERIOD, organization_ids=["org-1"])

    async def test_plans_of_different_scopes_are_computed_side_by_side(self, desk: Desk) -> None:
        first = await desk.request(organization_ids=["org-1"])
        second = await desk.request(organization_ids=["org-2"])
        again = await desk.request(organization_ids=["org-1"])
        assert first.id != second.id
        assert again.id == first.id

    async def test_a_narrow_plan_leaves_the_months_plan_ready(self, desk: Desk) -> None:
        month = await desk.plan()
        await desk.plan(organization_ids=["org-1"])
        assert (await desk.show(month.id)).status is PlanStatus.READY

    async def test_the_receipt_is_about_the_scope_alone(self, desk: Desk) -> None:
        mine, other = want("TO-A"), want("TO-B", organization_id="org-2", organization="Fabrikam")
        await desk.charge((mine, Decimal(50)), (other, Decimal(50)))
        desk.wanted = [mine]
        plan = await desk.plan(organization_ids=["org-1"])
        asked = await desk.apply(plan.id)
        await desk.settle()
        receipt = await desk.receipt(asked.id)
        assert (receipt.ties_out, receipt.examined) == (True, 1)
        assert [total.organization for total in receipt.totals] == ["Contoso"]

    async def test_the_receipt_of_single_lines_examines_their_rows(self, desk: Desk) -> None:
        mine, unsent, other = want("TO-A"), leave("TO-U"), want("TO-B")
        await desk.charge((mine, Decimal(50)), (unsent, Decimal("12.50")), (other, Decimal(50)))
        desk.wanted, desk.unsent = [mine], [unsent]
        plan = await desk.plan(line_ids=[mine.line_id, unsent.line_id])
        asked = await desk.apply(plan.id)
        await desk.settle()
        receipt = await desk.receipt(asked.id)
        assert (receipt.ties_out, receipt.examined, receipt.unsent_count) == (True, 2, 1)


class TestOverHttp:
    async def test_a_plan_says_what_it_is_about(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            body = {"period": PERIOD, "organizations": ["org-2", "org-1"], "subscription": "sub-1"}
            answer = await client.post("/api/v1/plans", json=body)
        assert answer.status_code == 202
        assert answer.json()["scope"] == {
            "period": PERIOD,
            "organization_ids": ["org-1", "org-2"],
            "agreement_ids": [],
            "line_ids": [],
            "subscription_id": "sub-1",
        }

    @pytest.mark.parametrize(
        "body",
        [
            {"period": "0000-01"},
            {"period": PERIOD, "organisations": ["org-1"]},
            {"period": PERIOD, "agreements": [""]},
            {"period": PERIOD, "organizations": []},
            {"period": PERIOD, "lines": ["no uuid"]},
            {"organizations": ["org-1"]},
        ],
    )
    async def test_a_scope_that_means_nothing_is_refused(self, desk: Desk, api: Api, body: dict[str, object]) -> None:
        async with api(desk.id) as client:
            answer = await client.post("/api/v1/plans", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")
