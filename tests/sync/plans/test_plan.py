from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from services.contracts.events.billing import AdditionsDesired
from services.contracts.events.sync import MirrorRefreshed, PlanComputed
from services.contracts.shapes import Chunk
from services.contracts.vocabulary import OperationKind, PlanStatus, RunKind, RunStatus
from services.sync.runs.parts import PATIENCE
from tests.support.clock import HeldClock
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, PERIOD, WITH_HAND_MADE, Desk, leave, want

Api = Callable[..., httpx.AsyncClient]


class TestComputing:
    async def test_a_plan_says_what_each_addition_needs(self, desk: Desk) -> None:
        desk.wanted = [
            want("TO-A"),
            want("TO-B", agreement_id=WITH_HAND_MADE, quantity=Decimal(12), unit_price=Decimal("10.50")),
        ]
        plan = await desk.plan()
        assert plan.status is PlanStatus.READY
        assert (plan.summary.create, plan.summary.adopt, plan.summary.none) == (1, 1, 0)
        assert plan.amounts == {"EUR": Decimal("176.00")}
        kinds = {row.marker: row.kind for row in await desk.operations(plan.id)}
        assert kinds == {"TO-A": "create", "TO-B": "adopt"}

    async def test_what_stays_behind_is_told_as_money(self, desk: Desk) -> None:
        desk.unsent = [leave("TO-U"), leave("TO-V", amount=Decimal("-2.50"))]
        plan = await desk.plan()
        assert (plan.unsent.count, plan.unsent.amounts) == (2, {"EUR": Decimal("10.00")})

    async def test_it_counts_the_calls_that_applying_takes(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B"), want("TO-C", agreement_id=OTHER_AGREEMENT)]
        plan = await desk.plan()
        assert plan.calls_needed == 3 + 2 * 2

    async def test_agreements_are_read_afresh_before_billing_is_asked(self, desk: Desk) -> None:
        plan = await desk.plan()
        refreshed = await desk.facts(MirrorRefreshed)
        assert {fact.run_id for fact in refreshed} == {plan.computing_run_id}
        assert {fact.kind.value for fact in refreshed} == {"agreement"}

    async def test_it_is_told_when_it_is_ready(self, desk: Desk) -> None:
        desk.wanted = [want()]
        plan = await desk.plan()
        (computed,) = await desk.facts(PlanComputed)
        assert (computed.plan_id, computed.summary["create"], computed.error) == (plan.id, 1, "")

    async def test_a_period_without_lines_has_an_empty_plan(self, desk: Desk) -> None:
        plan = await desk.plan()
        assert (plan.status, plan.summary.create, plan.amounts) == (PlanStatus.READY, 0, {})

    async def test_a_newer_plan_makes_an_older_one_stale(self, desk: Desk) -> None:
        first = await desk.plan()
        await desk.plan()
        stale = await desk.show(first.id)
        assert (stale.status, stale.moved) == (PlanStatus.STALE, ["A newer plan about the same was computed."])


class TestOnePlanAtATime:
    async def test_asking_twice_for_a_period_answers_the_plan_that_is_computed(self, desk: Desk) -> None:
        first, second = await desk.request(), await desk.request()
        assert first.id == second.id

    async def test_another_period_has_a_plan_of_its_own(self, desk: Desk) -> None:
        assert (await desk.request("2026-05")).id != (await desk.request("2026-06")).id

    async def test_its_computation_is_a_run_that_can_be_watched(self, desk: Desk) -> None:
        plan = await desk.plan()
        assert plan.computing_run_id is not None
        run = await desk.run(plan.computing_run_id)
        assert (run.kind, run.status, run.plan_id) == (RunKind.PLAN, RunStatus.SUCCEEDED, plan.id)
        assert run.progress.done == run.progress.total > 0

    async def test_a_plan_that_billing_never_answers_fails_in_words(self, desk: Desk, clock: HeldClock) -> None:
        desk.is_mute = True
        asked = await desk.plan()
        clock.advance(PATIENCE)
        await desk.let_time_pass()
        failed = await desk.show(asked.id)
        assert failed.status is PlanStatus.FAILED
        assert failed.error.startswith("Billing has answered nothing for 30 minutes.")
        assert (await desk.request()).id != asked.id


class TestChunks:
    @pytest.mark.parametrize("backwards", [False, True])
    async def test_they_may_arrive_in_any_order(self, desk: Desk, backwards: bool) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(5)]
        desk.chunk_size, desk.chunks_backwards = 2, backwards
        plan = await desk.plan()
        assert plan.summary.create == 5
        assert len(await desk.facts(PlanComputed)) == 1

    async def test_one_that_comes_twice_counts_once(self, desk: Desk) -> None:
        desk.chunk_size, desk.wanted, desk.is_mute = 1, [want("TO-A"), want("TO-B")], True
        plan = await desk.plan()
        first, second = desk.chunks(plan.id)
        for fact in (first, first):
            await desk.tell(fact)
        assert (await desk.show(plan.id)).status is PlanStatus.COMPUTING
        await desk.tell(second)
        assert (await desk.show(plan.id)).summary.create == 2

    async def test_one_of_an_unknown_plan_is_dropped(self, desk: Desk) -> None:
        stray = AdditionsDesired(plan_id=uuid4(), chunk=Chunk(index=0, count=1), additions=[want()], unsent=[])
        await desk.tell(stray)
        assert await desk.facts(PlanComputed) == []


class TestTrouble:
    async def test_a_connectwise_that_does_not_answer_fails_the_plan_with_a_sentence(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind="html_502", path="*/finance/agreements", count=9)
        plan = await desk.plan()
        assert plan.status is PlanStatus.FAILED
        assert plan.error
        (computed,) = await desk.facts(PlanComputed)
        assert computed.error == plan.error

    async def test_so_does_one_that_cannot_be_read_to_the_end(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [want()]
        await stand_ins.order(CONNECTWISE, "faults", kind="forbidden", path="*/additions", count=9)
        plan = await desk.plan()
        assert plan.status is PlanStatus.FAILED
        assert "permission" in plan.error


class TestOverHttp:
    async def test_a_plan_is_asked_for_and_read(self, desk: Desk, api: Api) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        async with api(desk.id) as client:
            asked = await client.post("/api/v1/plans", json={"period": PERIOD})
            assert (asked.status_code, asked.json()["status"]) == (202, "computing")
            await desk.settle()
            plan = (await client.get(f"/api/v1/plans/{asked.json()['id']}")).json()
            assert (plan["status"], plan["amounts"]) == ("ready", {"EUR": "100.00"})
            listed = (await client.get("/api/v1/plans", params={"period": PERIOD})).json()
            assert [each["id"] for each in listed["items"]] == [plan["id"]]

    async def test_operations_come_in_pages(self, desk: Desk, api: Api) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(5)]
        plan = await desk.plan()
        async with api(desk.id) as client:
            url = f"/api/v1/plans/{plan.id}/operations"
            first = (await client.get(url, params={"limit": 3})).json()
            rest = (await client.get(url, params={"limit": 3, "cursor": first["next_cursor"]})).json()
        assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 2, None)
        operation = first["items"][0]
        assert (operation["kind"], operation["status"], operation["amount"]) == ("create", "planned", "50.00")
        assert operation["before"] == {}
        assert {"field": "quantity", "before": None, "after": "5"} in operation["changes"]
        assert operation["agreement_id"] == AGREEMENT

    async def test_operations_of_one_kind(self, desk: Desk, api: Api) -> None:
        desk.wanted = [want()]
        plan = await desk.plan()
        async with api(desk.id) as client:
            url = f"/api/v1/plans/{plan.id}/operations"
            for kind in OperationKind:
                found = (await client.get(url, params={"kind": kind.value})).json()["items"]
                assert len(found) == (kind is OperationKind.CREATE)

    async def test_plans_come_in_pages_newest_first(self, desk: Desk, api: Api) -> None:
        ids = [str((await desk.plan(period)).id) for period in ("2026-04", "2026-05", "2026-06")]
        async with api(desk.id) as client:
            first = (await client.get("/api/v1/plans", params={"limit": 2})).json()
            rest = (await client.get("/api/v1/plans", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [each["id"] for each in first["items"] + rest["items"]] == ids[::-1]

    async def test_a_repeated_request_with_one_key_makes_one_plan(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            headers = {"Idempotency-Key": "june"}
            answers = [await client.post("/api/v1/plans", json={"period": PERIOD}, headers=headers) for _ in "ab"]
        assert answers[0].json() == answers[1].json()

    @pytest.mark.parametrize("period", ["2026-13", "2026", "june", ""])
    async def test_a_period_is_a_month(self, desk: Desk, api: Api, period: str) -> None:
        async with api(desk.id) as client:
            answer = await client.post("/api/v1/plans", json={"period": period})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")

    async def test_another_partners_plan_is_not_there(self, desk: Desk, api: Api) -> None:
        plan = await desk.plan()
        async with api(uuid4()) as client:
            for path in (f"/api/v1/plans/{plan.id}", f"/api/v1/plans/{plan.id}/operations"):
                answer = await client.get(path)
                assert (answer.status_code, answer.json()["code"]) == (404, "plan_not_found")
            assert (await client.get("/api/v1/plans")).json()["items"] == []

    async def test_a_plan_needs_connections(self, api: Api) -> None:
        async with api(uuid4()) as client:
            answer = await client.post("/api/v1/plans", json={"period": PERIOD})
        assert (answer.status_code, answer.json()["code"]) == (409, "connection_missing")

    @pytest.mark.parametrize("cursor", ["WyJ4Il0", "nonsense!", "W10"])
    async def test_a_foreign_cursor_is_refused(self, desk: Desk, api: Api, cursor: str) -> None:
        plan = await desk.plan()
        async with api(desk.id) as client:
            for path in ("/api/v1/plans", f"/api/v1/plans/{plan.id}/operations"):
                answer = await client.get(path, params={"cursor": cursor})
                assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
