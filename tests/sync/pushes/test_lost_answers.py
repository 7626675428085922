from collections import Counter
from decimal import Decimal

import pytest
from sqlalchemy import update

from services.contracts.vocabulary import RunStatus
from services.kit.ledger.models import JobRow
from services.sync.pushes import push, repository
from services.sync.pushes.search import WAITS
from services.sync.runs.engine import MAX_ATTEMPTS
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, Desk, want
from tests.sync.pushes.test_push import calls

POSTS = {"method": "POST", "path": "*/additions"}


async def markers(desk: Desk, *agreements: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for agreement in agreements or (AGREEMENT,):
        found.update(each.marker for each in await desk.additions(agreement))
    return found


class TestLostAnswers:
    async def test_a_lost_answer_never_makes_a_second_addition(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [
            want(f"TO-{number}", agreement_id=(AGREEMENT, OTHER_AGREEMENT)[number % 2]) for number in range(30)
        ]
        await stand_ins.order(CONNECTWISE, "faults", kind="lost_answer_after_commit", every=3, **POSTS)
        run = await desk.push()
        assert run.outcomes["created"].count == 30
        assert await markers(desk, AGREEMENT, OTHER_AGREEMENT) == {f"TO-{number}": 1 for number in range(30)}
        assert await calls(stand_ins, "POST") == 30

    @pytest.mark.parametrize("kind", ["server_timeout", "html_502"])
    async def test_a_server_fault_after_the_commit_is_no_reason_to_send_again(
        self, desk: Desk, stand_ins: StandIns, kind: str
    ) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await stand_ins.order(CONNECTWISE, "faults", kind=kind, after_commit=True, count=2, **POSTS)
        run = await desk.push()
        assert run.status is RunStatus.SUCCEEDED
        assert await markers(desk) == {"TO-A": 1, "TO-B": 1}

    async def test_one_that_did_not_arrive_is_sent_again_after_it_was_looked_for_in_vain(
        self, desk: Desk, stand_ins: StandIns, waits: list[float]
    ) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await stand_ins.order(CONNECTWISE, "faults", kind="server_timeout", **POSTS)
        run = await desk.push()
        assert run.outcomes["created"].count == 2
        assert await markers(desk) == {"TO-A": 1, "TO-B": 1}
        assert waits == [wait for wait in WAITS if wait]

    async def test_one_that_never_arrives_is_told_as_never_confirmed(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", agreement_id=OTHER_AGREEMENT)]
        path = f"*/{AGREEMENT}/additions"
        await stand_ins.order(CONNECTWISE, "faults", kind="html_502", method="POST", path=path, count=9)
        run = await desk.push()
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 1, "failed": 1}
        (failed,) = [each for each in desk.settled if each.error]
        assert failed.error.startswith("ConnectWise never confirmed this addition")
        assert await calls(stand_ins, "POST") == 1 + push.ROUNDS

    async def test_a_lost_answer_to_a_change_is_repeated(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        desk.wanted = [want("TO-A", quantity=Decimal(9))]
        await stand_ins.order(CONNECTWISE, "faults", kind="lost_answer_after_commit", method="PATCH", count=2)
        run = await desk.push()
        assert run.outcomes["updated"].count == 1
        assert [each.values.quantity for each in await desk.additions()] == [Decimal(9)]

    async def test_being_asked_to_wait_is_obeyed_and_nothing_is_lost(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(12)]
        await stand_ins.order(CONNECTWISE, "faults", kind="too_many_requests", every=4, retry_after=0, **POSTS)
        run = await desk.push()
        assert run.outcomes["created"].count == 12
        assert await markers(desk) == {f"TO-{number}": 1 for number in range(12)}


class TestTroubleThatPasses:
    async def test_a_change_that_is_not_answered_is_tried_again_after_a_pause(
        self, desk: Desk, stand_ins: StandIns, waits: list[float]
    ) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        desk.wanted = [want("TO-A", quantity=Decimal(9))]
        # Three tries of the client are one of the push.
        await stand_ins.order(CONNECTWISE, "faults", kind="html_502", method="PATCH", count=4)
        run = await desk.push()
        assert run.outcomes["updated"].count == 1
        assert waits == [push.TROUBLE_PAUSES[0]]

    async def test_what_cannot_be_read_back_at_once_is_read_later(
        self, desk: Desk, stand_ins: StandIns, waits: list[float]
    ) -> None:
        desk.wanted = [want("TO-A")]
        plan = await desk.plan()
        # The ground is read once; then reading back meets trouble for longer than the client's three tries.
        await stand_ins.order(CONNECTWISE, "faults", kind="html_502", method="GET", path="*/additions", skip=1, count=4)
        asked = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(asked.id)).status is RunStatus.SUCCEEDED
        assert waits == [push.TROUBLE_PAUSES[0]]

    async def test_trouble_that_stays_ends_the_run_and_says_how_far_it_came(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        desk.wanted = [want("TO-A", quantity=Decimal(9))]
        await stand_ins.order(CONNECTWISE, "faults", kind="html_502", method="PATCH", count=99)
        run = await desk.push()
        assert run.status is RunStatus.FAILED
        assert run.error.startswith("Stopped after 0 of 1 writes:")
        assert run.plan_id is not None
        assert (await desk.show(run.plan_id)).moved == [f"Run {run.id} wrote a part of it and stopped."]


class Died(BaseException):
    """The process is gone: nothing after it runs."""


async def die(*_: object) -> None:
    raise Died


class TestRestarts:
    """A job that is started again finds what the one before it did."""

    async def begin(self, desk: Desk) -> None:
        plan = await desk.plan()
        await desk.apply(plan.id)
        with pytest.raises(Died):
            await desk.settle(retry=True)
        async with desk.database.relaying() as session:
            await session.execute(update(JobRow).values(leased_until=None))

    async def test_what_was_sent_and_not_recorded_is_found(
        self, desk: Desk, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, waits: list[float]
    ) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(10)]
        with monkeypatch.context() as dying:
            dying.setattr(repository, "record_outcomes", die)
            await self.begin(desk)
        assert sum((await markers(desk)).values()) == 10
        await desk.settle()
        assert await calls(stand_ins, "POST") == 10
        assert await markers(desk) == {f"TO-{number}": 1 for number in range(10)}
        assert waits == []

    async def test_what_was_intended_and_not_sent_is_sent_after_looking(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, waits: list[float]
    ) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(10)]
        with monkeypatch.context() as dying:
            dying.setattr("services.sync.pushes.crew.perform", die)
            await self.begin(desk)
        assert await markers(desk) == {}
        await desk.settle()
        assert await markers(desk) == {f"TO-{number}": 1 for number in range(10)}
        assert waits == [wait for wait in WAITS if wait]

    async def test_a_run_that_is_given_up_lets_its_plan_go(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        async def break_down(*_: object) -> None:
            raise ZeroDivisionError

        desk.wanted = [want("TO-A")]
        plan = await desk.plan()
        asked = await desk.apply(plan.id)
        monkeypatch.setattr(push, "compare_ground", break_down)
        for _ in range(MAX_ATTEMPTS + 1):
            await desk.settle(retry=True)
        run = await desk.run(asked.id)
        assert (run.status, run.error) == (RunStatus.FAILED, "Stopped after 0 of 1 writes: Given up after 8 tries.")
        assert (await desk.show(plan.id)).run_id is None

    async def test_a_proof_that_was_not_stored_is_made_again(
        self, desk: Desk, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.wanted = [want(f"TO-{number}") for number in range(3)]
        with monkeypatch.context() as dying:
            dying.setattr("services.sync.pushes.endings.close_push", die)
            await self.begin(desk)
        await desk.settle()
        assert await calls(stand_ins, "POST") == 3
        assert [each.error for each in desk.settled] == ["", "", ""]
