import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.contracts.events.sync import AdditionsPushed, RunFinished, TroubleNoted
from services.contracts.vocabulary import OperationKind, PlanStatus, RunKind, RunStatus
from services.sync.connections import traits
from services.sync.plans.schemas import PlanSummary
from services.sync.psas.port import Psa
from services.sync.pushes import crew, journal
from services.sync.pushes.write import Outcome, Write, perform
from tests.sandbox.conftest import PSA_HEADERS
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, WITH_HAND_MADE, Desk, leave, want


async def stop(*_: object) -> None:
    raise RuntimeError("stopped before anything is read back")


Api = Callable[..., httpx.AsyncClient]
API = f"{CONNECTWISE}/v4_6_release/apis/3.0/finance/agreements"


async def by_hand(stand_ins: StandIns, agreement_id: str, **body: Any) -> None:
    """Somebody types an addition into ConnectWise."""
    given = {"product": {"id": 605}, "billCustomer": "Billable", "quantity": 1, "unitPrice": 3, **body}
    answer = await stand_ins.http.post(f"{API}/{agreement_id}/additions", json=given, headers=PSA_HEADERS)
    assert answer.is_success, answer.text


async def change_by_hand(stand_ins: StandIns, agreement_id: str, addition_id: str, path: str, value: Any) -> None:
    patch = [{"op": "replace", "path": path, "value": value}]
    url = f"{API}/{agreement_id}/additions/{addition_id}"
    answer = await stand_ins.http.patch(url, json=patch, headers=PSA_HEADERS)
    assert answer.is_success, answer.text


async def calls(stand_ins: StandIns, *verbs: str) -> int:
    """Calls of these verbs that ConnectWise has seen."""
    answer = (await stand_ins.http.get(f"{CONNECTWISE}/_sandbox/calls")).json()
    return sum(each["count"] for each in answer["calls"] if each["method"] in verbs)


class TestApplyPlan:
    async def test_what_comes_back_while_outcomes_are_committed_is_recorded_too(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        committing, is_slow = asyncio.Event(), True
        send, record = perform, journal.record

        async def send_the_first_at_once(psa: Psa, write: Write) -> Outcome:
            if write.row.marker != "TO-0":
                await committing.wait()
            return await send(psa, write)

        async def record_slowly(*arguments: Any, **named: Any) -> None:
            nonlocal is_slow
            committing.set()
            if is_slow:
                is_slow = False
                await asyncio.sleep(1)
            await record(*arguments, **named)

        monkeypatch.setattr(crew, "FLUSH_SECONDS", 0.01)
        monkeypatch.setattr(crew, "perform", send_the_first_at_once)
        monkeypatch.setattr(journal, "record", record_slowly)
        monkeypatch.setattr("services.sync.pushes.prove.read_back", stop)
        desk.wanted = [want(f"TO-{each}") for each in range(4)]
        plan = await desk.plan()
        await desk.apply(plan.id)
        await desk.settle(retry=True)
        assert {row.status for row in await desk.operations(plan.id)} == {"done"}

    async def test_every_operation_is_written_and_read_back(self, desk: Desk) -> None:
        desk.wanted = [
            want("TO-A"),
            want("TO-B", agreement_id=OTHER_AGREEMENT, quantity=Decimal("2.5"), unit_price=Decimal("3.20")),
            want("TO-C", agreement_id=WITH_HAND_MADE, quantity=Decimal(12), unit_price=Decimal("10.50")),
        ]
        run = await desk.push()
        assert run.status is RunStatus.SUCCEEDED
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 2, "adopted": 1}
        assert run.outcomes["created"].amounts == {"EUR": Decimal("58.00")}
        assert (run.progress.done, run.progress.total) == (3, 3)
        (addition,) = await desk.additions(OTHER_AGREEMENT)
        assert (addition.marker, addition.values.quantity, addition.values.unit_price) == (
            "TO-B",
            Decimal("2.5"),
            Decimal("3.2"),
        )
        (adopted,) = await desk.additions(WITH_HAND_MADE)
        assert (adopted.id, adopted.marker) == ("70001", "TO-C")

    async def test_a_second_plan_right_after_has_nothing_to_write(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [
            want("TO-A"),
            want("TO-C", agreement_id=WITH_HAND_MADE, quantity=Decimal(12), unit_price=Decimal("10.50")),
        ]
        await desk.push()
        before = await calls(stand_ins, "POST", "PATCH")
        plan = await desk.plan()
        assert plan.summary == PlanSummary(none=2)
        await desk.apply(plan.id)
        await desk.settle()
        assert await calls(stand_ins, "POST", "PATCH") == before

    async def test_a_plan_of_zero_writes_still_ends_with_a_receipt(self, desk: Desk) -> None:
        run = await desk.push()
        assert (run.status, run.receipt_id, run.outcomes) == (RunStatus.SUCCEEDED, run.id, {})

    async def test_only_what_changed_is_written(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await desk.push()
        desk.wanted = [want("TO-A", quantity=Decimal(6)), want("TO-B")]
        before = await calls(stand_ins, "POST", "PATCH")
        run = await desk.push()
        assert await calls(stand_ins, "POST", "PATCH") == before + 1
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"updated": 1, "unchanged": 1}
        assert {each.marker: each.values.quantity for each in await desk.additions()} == {
            "TO-A": Decimal(6),
            "TO-B": Decimal(5),
        }

    async def test_billing_learns_what_became_of_every_line(self, desk: Desk) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(3)]
        await desk.push()
        assert {(each.marker, each.operation, each.error) for each in desk.settled} == {
            (f"TO-{number}", OperationKind.CREATE, "") for number in range(3)
        }
        ids = {each.marker: each.id for each in await desk.additions()}
        assert {each.marker: each.addition_id for each in desk.settled} == ids

    async def test_the_run_ends_when_billing_has_marked_every_part(self, desk: Desk) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(501)]
        run = await desk.push()
        assert [len(fact.additions) for fact in await desk.facts(AdditionsPushed)] == [500, 1]
        assert run.status is RunStatus.SUCCEEDED
        (finished,) = [each for each in await desk.facts(RunFinished) if each.kind is RunKind.PUSH]
        assert finished.outcomes["created"].count == 501

    async def test_the_plan_is_applied_then(self, desk: Desk) -> None:
        desk.wanted, desk.unsent = [want()], [leave()]
        run = await desk.push()
        assert run.plan_id is not None
        plan = await desk.show(run.plan_id)
        assert (plan.status, plan.run_id) == (PlanStatus.APPLIED, run.id)
        assert run.outcomes["unsent"].amounts == {"EUR": Decimal("12.50")}


class TestGround:
    async def test_a_plan_whose_ground_has_moved_is_refused_and_says_what_moved(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", agreement_id=WITH_HAND_MADE)]
        plan = await desk.plan()
        await change_by_hand(stand_ins, WITH_HAND_MADE, "70001", "quantity", 13)
        before = await calls(stand_ins, "POST", "PATCH")
        asked = await desk.apply(plan.id)
        await desk.settle()
        run, stale = await desk.run(asked.id), await desk.show(plan.id)
        assert run.status is RunStatus.FAILED
        assert "so nothing was written" in run.error
        assert stale.status is PlanStatus.STALE
        assert stale.moved == [
            "Nordlicht Energie GmbH - Cloud Subscriptions: addition 70001 changed, quantity 12 → 13."
        ]
        assert await calls(stand_ins, "POST", "PATCH") == before

    async def test_an_addition_that_came_meanwhile_moves_it_too(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [want("TO-A")]
        plan = await desk.plan()
        await by_hand(stand_ins, AGREEMENT)
        asked = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(asked.id)).status is RunStatus.FAILED
        assert "is new." in (await desk.show(plan.id)).moved[0]


class TestRefusals:
    async def test_one_refused_addition_fails_alone_with_a_sentence(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", effective_date=date(2020, 1, 1)), want("TO-C")]
        run = await desk.push()
        assert run.status is RunStatus.SUCCEEDED
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 2, "failed": 1}
        (failed,) = [each for each in desk.settled if each.error]
        assert failed.marker == "TO-B"
        assert "effectiveDate cannot be less than the agreement billing start date" in failed.error
        assert failed.error.startswith("ConnectWise does not accept the dates of this addition: “")
        assert failed.error.endswith(
            "on or after the agreement's billing start and next invoice date, then plan again."
        )
        (noted,) = await desk.facts(TroubleNoted)
        assert (noted.title, noted.details) == ("Addition for Contoso failed", failed.error)

    async def test_a_run_that_could_do_nothing_has_failed(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A", effective_date=date(2020, 1, 1))]
        run = await desk.push()
        assert run.status is RunStatus.FAILED
        assert run.error == "None of 1 additions could be written. The receipt says why."
        assert run.receipt_id == run.id

    async def test_of_two_additions_with_one_marker_one_stays_and_the_other_stops_billing(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        for _ in range(2):
            await by_hand(stand_ins, AGREEMENT, serialNumber="TO-A", effectiveDate="2026-06-01T00:00:00Z")
        desk.wanted = [want("TO-A"), want("TO-B")]
        run = await desk.push()
        assert {name: tally.count for name, tally in run.outcomes.items()} == {
            "created": 1,
            "updated": 1,
            "cancelled": 1,
        }
        first, second, _ = await desk.additions()
        assert (first.values.is_open, first.values.quantity) == (True, Decimal(5))
        assert (second.values.cancelled_date, second.values.bill_option) == (date(2026, 6, 1), "DoNotBill")
        assert (await desk.plan()).summary == PlanSummary(none=2)
        assert desk.ended == []

    async def test_a_missing_right_stops_the_run_and_the_plan_can_be_applied_again(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(150)]
        plan = await desk.plan()
        await stand_ins.order(CONNECTWISE, "faults", kind="forbidden", method="POST", path="*/additions", count=150)
        asked = await desk.apply(plan.id)
        await desk.settle()
        run = await desk.run(asked.id)
        assert run.status is RunStatus.FAILED
        assert run.error.startswith("Stopped after 0 of 150 writes:")
        assert (await desk.show(plan.id)).run_id is None
        await stand_ins.http.delete(f"{CONNECTWISE}/_sandbox/faults")
        again = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(again.id)).status is RunStatus.SUCCEEDED
        assert len(await desk.additions()) == 150


class TestReadingBack:
    async def test_what_connectwise_keeps_differently_is_a_failure(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A", unit_price=Decimal("10.125"), quantity=Decimal(8))]
        async with desk.database.writing(desk.circumstances) as session:
            await traits.fix(session, "connectwise", "price_decimals", 4)
        run = await desk.push()
        assert run.outcomes["failed"].count == 1
        (failed,) = desk.settled
        assert failed.error == (
            "ConnectWise holds 8 × 10.13 instead of 8 × 10.125, so it keeps fewer decimals than are set for it. "
            "Correct that with the connection, under Settings, then plan again."
        )


class TestApplyOverHttp:
    async def test_it_answers_the_run_that_does_it(self, desk: Desk, api: Api) -> None:
        desk.wanted = [want()]
        plan = await desk.plan()
        async with api(desk.id) as client:
            answer = await client.post(f"/api/v1/plans/{plan.id}/apply")
            assert (answer.status_code, answer.json()["kind"], answer.json()["status"]) == (202, "push", "queued")
            await desk.settle()
            run = (await client.get(f"/api/v1/runs/{answer.json()['id']}")).json()
        assert (run["status"], run["plan_id"], run["receipt_id"]) == ("succeeded", str(plan.id), run["id"])

    async def test_a_plan_is_applied_once(self, desk: Desk, api: Api) -> None:
        plan = await desk.plan()
        async with api(desk.id) as client:
            await client.post(f"/api/v1/plans/{plan.id}/apply")
            for _ in range(2):  # while it is applied, and after
                answer = await client.post(f"/api/v1/plans/{plan.id}/apply")
                assert (answer.status_code, answer.json()["code"]) == (409, "plan_is_already_applied")
                await desk.settle()

    async def test_one_key_applies_once(self, desk: Desk, api: Api) -> None:
        plan = await desk.plan()
        async with api(desk.id) as client:
            headers = {"Idempotency-Key": "apply"}
            answers = [await client.post(f"/api/v1/plans/{plan.id}/apply", headers=headers) for _ in "ab"]
        assert answers[0].json() == answers[1].json()

    async def test_a_plan_that_is_computed_is_not_ready(self, desk: Desk, api: Api) -> None:
        plan = await desk.request()
        async with api(desk.id) as client:
            answer = await client.post(f"/api/v1/plans/{plan.id}/apply")
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_is_not_ready")

    async def test_a_stale_plan_is_refused(self, desk: Desk, api: Api) -> None:
        first = await desk.plan()
        await desk.plan()
        async with api(desk.id) as client:
            answer = await client.post(f"/api/v1/plans/{first.id}/apply")
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_is_stale")
        assert "A newer plan" in answer.json()["detail"]

    async def test_another_partners_plan_is_not_there(self, desk: Desk, api: Api) -> None:
        plan = await desk.plan()
        async with api(uuid4()) as client:
            answer = await client.post(f"/api/v1/plans/{plan.id}/apply")
        assert (answer.status_code, answer.json()["code"]) == (404, "plan_not_found")
