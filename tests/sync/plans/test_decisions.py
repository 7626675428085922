from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.contracts.events.sync import AdditionDecided
from services.contracts.vocabulary import DecisionChoice, HoldReason, LineStatus, OperationKind, UndecidedCause
from services.sync.plans.schemas import OperationOut, PlanOut, PlanSummary
from tests.support.clock import HeldClock
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import Desk, want
from tests.sync.plans.months import JULY, invoice_through, july, june, stay_behind
from tests.sync.plans.test_stale import line_edited
from tests.sync.pushes.test_push import change_by_hand

Api = Callable[..., httpx.AsyncClient]
JUNE_30 = date(2026, 6, 30)


@pytest.fixture(autouse=True)
async def in_july(desk: Desk, clock: HeldClock, stand_ins: StandIns) -> None:
    """It is 20 July. June's charge was pushed and invoiced, July is complete and brings none."""
    clock.set(datetime(2026, 7, 20, 12, tzinfo=UTC))
    await invoice_through(stand_ins, "2026-05-31")
    desk.wanted = [june()]
    await desk.push()
    await invoice_through(stand_ins, "2026-06-30")
    await desk.say_complete(JULY)
    desk.wanted = []


async def ask(desk: Desk, client: httpx.AsyncClient) -> tuple[PlanOut, OperationOut]:
    """A plan of July, and the question that it has."""
    plan = await desk.plan(JULY)
    return plan, await question_of(client, plan.id)


async def question_of(client: httpx.AsyncClient, plan_id: UUID) -> OperationOut:
    answer = await client.get(f"/api/v1/plans/{plan_id}/operations")
    (found,) = [each for each in answer.json()["items"] if each["cause"]]
    return OperationOut.model_validate(found)


async def decide(client: httpx.AsyncClient, plan: PlanOut, *decisions: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/api/v1/plans/{plan.id}/decisions", json=list(decisions))


def choose(operation: OperationOut, choice: str, **more: Any) -> dict[str, Any]:
    return {"operation_id": str(operation.id), "choice": choice, **more}


class TestEnd:
    async def test_the_operation_becomes_a_close_and_the_summary_follows(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            assert (asked.kind, asked.cause, asked.choice) == (
                OperationKind.UNDECIDED,
                UndecidedCause.ABSENT,
                None,
            )
            assert asked.will_bill == Decimal("30.00")
            assert asked.ending["cancelled_date"] == "2026-06-30"
            answer = await decide(client, plan, choose(asked, "end", reason="Cancelled by phone"))
            decided = await question_of(client, plan.id)
        assert answer.status_code == 200
        changed = PlanOut.model_validate(answer.json())
        assert changed.summary == PlanSummary(close=1)
        assert changed.calls_needed == plan.calls_needed + 1
        assert (decided.kind, decided.choice, decided.choice_reason) == (
            OperationKind.CLOSE,
            DecisionChoice.END,
            "Cancelled by phone",
        )
        assert decided.decided_by == "Ada Finance"
        assert [(each.field, each.after) for each in decided.changes] == [("cancelled_date", "2026-06-30")]

    async def test_after_its_push_a_second_plan_is_empty(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "end"))
        run = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(run.id)).outcomes["closed"].count == 1
        (addition,) = await desk.additions()
        assert addition.values.cancelled_date == JUNE_30
        assert [each.last_billed_day for each in desk.ended] == [JUNE_30]
        assert (await desk.plan(JULY)).summary == PlanSummary()

    async def test_a_charge_that_comes_after_all_opens_it_again(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "end"))
        await desk.apply(plan.id)
        await desk.settle()
        desk.wanted = [july()]
        await desk.push(JULY)
        (addition,) = await desk.additions()
        assert addition.values.is_open

    async def test_a_new_plan_still_ends_it_as_long_as_no_charge_came_since(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "end"))
            assert (await desk.plan(JULY)).summary == PlanSummary(close=1)
            desk.wanted = [july()]
            await desk.push(JULY)
            desk.wanted = []
            desk.unsent = [stay_behind(july(), LineStatus.HELD, HoldReason.VANISHED_FROM_INVOICE)]
            assert (await desk.plan(JULY)).summary == PlanSummary(undecided=1)

    async def test_an_answer_that_is_lost_after_the_write_changes_nothing(
        self, desk: Desk, api: Api, stand_ins: StandIns
    ) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "end"))
        fault = {"kind": "error_after_commit", "code": "InternalServerError", "method": "PATCH"}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        run = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(run.id)).outcomes["closed"].count == 1
        assert (await desk.plan(JULY)).summary == PlanSummary()

    async def test_a_person_who_changed_it_meanwhile_stops_the_plan(
        self, desk: Desk, api: Api, stand_ins: StandIns
    ) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "end"))
        await change_by_hand(stand_ins, asked.agreement_id, asked.addition_id or "", "quantity", 2)
        run = await desk.apply(plan.id)
        await desk.settle()
        assert "quantity 1 → 2" in (await desk.run(run.id)).error
        (addition,) = await desk.additions()
        assert addition.values.is_open


class TestKeepAndLater:
    async def test_what_is_kept_is_left_and_later_plans_say_until_when_and_why(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            kept = choose(asked, "keep", reason="Corrected in August", until="2026-08-15")
            answer = await decide(client, plan, kept)
            assert answer.json()["summary"] == plan.summary.model_dump()
            await desk.apply(plan.id)
            await desk.settle()
            assert (await desk.additions())[0].values.is_open
            _, again = await ask(desk, client)
        assert (again.kind, again.choice, again.keep_until) == (
            OperationKind.UNDECIDED,
            DecisionChoice.KEEP,
            date(2026, 8, 15),
        )
        assert (again.choice_reason, again.decided_by) == ("Corrected in August", "Ada Finance")

    @pytest.mark.parametrize(
        ("now", "choice"),
        [
            (datetime(2026, 7, 31, 23, tzinfo=UTC), DecisionChoice.KEEP),
            (datetime(2026, 8, 1, 0, tzinfo=UTC), None),
        ],
    )
    async def test_keeping_runs_out_and_the_next_plan_asks_again(
        self, desk: Desk, api: Api, clock: HeldClock, now: datetime, choice: DecisionChoice | None
    ) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "keep", reason="Wait", until="2026-07-31"))
        clock.set(now)
        async with api(desk.id) as client:
            assert (await ask(desk, client))[1].choice is choice

    async def test_later_leaves_it_and_the_next_plan_asks_again(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "later"))
            assert (await question_of(client, plan.id)).choice is DecisionChoice.LATER
            assert (await ask(desk, client))[1].choice is None

    @pytest.mark.parametrize("mind", ["keep", "later"])
    async def test_a_mind_can_be_changed_until_the_plan_is_applied(self, desk: Desk, api: Api, mind: str) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "end"))
            back = await decide(client, plan, choose(asked, mind, reason="Called again"))
            assert back.json()["summary"] == plan.summary.model_dump()
            assert back.json()["calls_needed"] == plan.calls_needed
            assert (await question_of(client, plan.id)).changes == []
            await desk.apply(plan.id)
            late = await decide(client, plan, choose(asked, "end"))
        assert (late.status_code, late.json()["code"]) == (409, "plan_is_already_applied")

    async def test_what_a_rule_has_ended_can_be_kept(self, desk: Desk, api: Api) -> None:
        desk.rules = {UndecidedCause.ABSENT: DecisionChoice.END}
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            assert asked.kind is OperationKind.CLOSE
            answer = await decide(client, plan, choose(asked, "keep", reason="A mistake"))
            assert answer.json()["summary"]["undecided"] == 1
            assert (await ask(desk, client))[1].choice is DecisionChoice.KEEP


class TestRefusals:
    async def test_a_stale_plan_takes_no_decisions(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await desk.tell(line_edited(JULY))
            answer = await decide(client, plan, choose(asked, "end"))
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_is_stale")

    async def test_neither_does_one_that_is_being_computed(self, desk: Desk, api: Api) -> None:
        computing = await desk.request(JULY)
        async with api(desk.id) as client:
            answer = await decide(client, computing, {"operation_id": str(uuid4()), "choice": "end"})
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_is_not_ready")

    async def test_an_operation_that_asks_nothing_is_refused_and_none_is_decided(self, desk: Desk, api: Api) -> None:
        desk.wanted = [want("TO-OTHER", subscription_id="sub-other")]
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            create = next(each for each in await desk.operations(plan.id) if each.kind == "create")
            for other in (create.id, uuid4()):
                answer = await decide(client, plan, choose(asked, "end"), {"operation_id": str(other), "choice": "end"})
                assert (answer.status_code, answer.json()["code"]) == (422, "operation_is_not_undecided")
            twice = await decide(client, plan, choose(asked, "end"), choose(asked, "later"))
            assert (twice.status_code, twice.json()["code"]) == (422, "operation_is_not_undecided")
            assert (await question_of(client, plan.id)).choice is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"choice": "keep"},
            {"choice": "keep", "reason": "  "},
            {"choice": "ask"},
            {"choice": "end", "until": "2026-08-15"},
            {"choice": "end", "because": "of it"},
        ],
    )
    async def test_a_choice_that_means_nothing_is_refused(self, desk: Desk, api: Api, wrong: dict[str, str]) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            answer = await decide(client, plan, {"operation_id": str(asked.id), **wrong})
            nothing = await decide(client, plan)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")
        assert nothing.status_code == 422

    async def test_nothing_is_kept_until_the_past(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            answer = await decide(client, plan, choose(asked, "keep", reason="Wait", until="2026-07-19"))
        assert (answer.status_code, answer.json()["code"]) == (422, "kept_until_the_past")

    async def test_another_partners_plan_is_not_there(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
        async with api(uuid4()) as stranger:
            answer = await decide(stranger, plan, choose(asked, "end"))
        assert (answer.status_code, answer.json()["code"]) == (404, "plan_not_found")


class TestAudit:
    async def test_each_decision_is_a_fact_with_its_money_and_its_reason(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            plan, asked = await ask(desk, client)
            await decide(client, plan, choose(asked, "keep", reason="Corrected in August", until="2026-08-15"))
        (fact,) = await desk.facts(AdditionDecided)
        assert (fact.cause, fact.choice, fact.will_bill) == (
            UndecidedCause.ABSENT,
            DecisionChoice.KEEP,
            Decimal("30.00"),
        )
        headline = fact.headline()
        assert headline.title == "Addition without a charge kept until 2026-08-15"
        assert headline.details == "Contoso – Cloud – M365 Business (Corrected in August)"


class TestCompleteness:
    async def test_a_month_says_whether_a_person_called_it_complete(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            months = (await client.get("/api/v1/periods")).json()["items"]
            assert {each["period"]: each["is_complete"] for each in months} == {"2026-07": True, "2026-06": False}
            answer = await client.put("/api/v1/periods/2026-07/completeness", json={"is_complete": False})
            assert (answer.status_code, answer.json()["is_complete"]) == (200, False)

    @pytest.mark.parametrize(("period", "code"), [("2026-13", "invalid_fields"), ("2026-08", "period_not_loadable")])
    async def test_a_month_that_is_none_or_has_not_begun_cannot_be(
        self, desk: Desk, api: Api, period: str, code: str
    ) -> None:
        async with api(desk.id) as client:
            answer = await client.put(f"/api/v1/periods/{period}/completeness", json={"is_complete": True})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
