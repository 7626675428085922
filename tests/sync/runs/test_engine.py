"""What the engine promises to every long job, shown with jobs that only a test has."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from services.contracts.events.sync import RunFinished, RunStarted
from services.contracts.shapes import Tally
from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base.db import WriteSession
from services.kit.base.errors import Conflict
from services.kit.ledger import attempts, work
from services.kit.ledger.models import JobRow
from services.kit.ledger.work import JobContext
from services.kit.upstream.http import UpstreamUnreachable
from services.sync.runs import engine, parts
from services.sync.runs.jobs import RUNS_QUEUE, AdvanceRun, WatchRun
from services.sync.runs.models import Run
from services.sync.runs.schemas import RunOut
from services.sync.runs.workflow import Step, Workflow, succeed
from tests.support.clock import HeldClock
from tests.sync.conftest import Partner


class Refused(Conflict):
    """Something a step needs is not there."""

    action = "Bring it."


@dataclass
class Bench:
    """Runs of one made-up kind: two steps, `first` and `second`, each doing what the test says."""

    partner: Partner
    done: list[str] = field(default_factory=list)
    parts_of_first: int = 0
    asks_in_first: bool = False
    fault: BaseException | None = None
    """What `second` raises."""
    fault_at_the_end: BaseException | None = None
    undone: list[str] = field(default_factory=list)

    async def first(self, context: JobContext[Any], run: Run) -> None:
        self.done.append("first")
        async with context.writing() as session:
            if self.asks_in_first:
                await parts.expect_answer(session, run.id)
            else:
                await parts.take_parts(session, run.id, self.parts_of_first)

    async def second(self, _context: JobContext[Any], _run: Run) -> None:
        self.done.append("second")
        if self.fault is not None:
            raise self.fault

    async def end(self, session: WriteSession, run: Run) -> None:
        if self.fault_at_the_end is not None:
            raise self.fault_at_the_end
        await succeed(session, run)

    async def undo(self, _session: WriteSession, run: Run, cause: str) -> str:
        self.undone.append(run.step)
        return f"Stopped: {cause}"

    @property
    def jobs(self) -> work.Jobs:
        steps = (Step("first", self.first), Step("second", self.second))
        workflows = {RunKind.MIRROR: Workflow(RunKind.MIRROR, steps, on_success=self.end, on_failure=self.undo)}

        async def advance(context: JobContext[Any], job: AdvanceRun) -> None:
            await engine.advance(context, job, workflows)

        async def watch(context: JobContext[Any], job: WatchRun) -> None:
            await engine.watch(context, job, workflows)

        return {AdvanceRun: advance, WatchRun: watch}

    async def start(self) -> UUID:
        async with self.partner.database.writing(self.partner.circumstances) as session:
            return (await engine.start(session, RunKind.MIRROR, ["2026-05"])).id

    async def waiting(self, name: str = AdvanceRun.name) -> Sequence[UUID]:
        async with self.partner.database.relaying() as session:
            query = select(JobRow.id).where(JobRow.handled_at.is_(None), JobRow.name == name)
            return (await session.scalars(query.order_by(JobRow.created_at))).all()

    async def do(self, job_id: UUID) -> bool:
        return await work.handle_work(self.partner.database, RUNS_QUEUE, job_id, self.jobs, None)

    async def go_on(self) -> None:
        """Do what is ordered, and what that orders, until nothing is left."""
        while ordered := await self.waiting():
            for job_id in ordered:
                assert await self.do(job_id)

    async def acknowledge(self, run_id: UUID, part: int) -> None:
        async with self.partner.database.writing(self.partner.circumstances) as session:
            await parts.acknowledge(session, run_id, part, {"held": Tally(count=1)})

    async def answer(self, run_id: UUID, index: int, count: int) -> bool:
        async with self.partner.database.writing(self.partner.circumstances) as session:
            return await parts.take_answer(session, run_id, index, count)

    async def show(self, run_id: UUID) -> RunOut:
        return (await self.partner.runs())[run_id]


@pytest.fixture
def bench(partner: Partner) -> Bench:
    return Bench(partner)


class TestSteps:
    async def test_they_are_done_in_order_and_then_the_run_has_succeeded(self, bench: Bench) -> None:
        run_id = await bench.start()
        await bench.go_on()
        assert bench.done == ["first", "second"]
        assert (await bench.show(run_id)).status is RunStatus.SUCCEEDED

    async def test_who_started_a_run_and_its_end_are_told_once(self, bench: Bench) -> None:
        await bench.start()
        await bench.go_on()
        (started,), (finished,) = await bench.partner.facts(RunStarted), await bench.partner.facts(RunFinished)
        assert (started.run_id, started.periods) == (finished.run_id, ["2026-05"])

    async def test_a_step_whose_worker_died_is_done_again_and_the_others_are_not(self, bench: Bench) -> None:
        await bench.start()
        bench.fault = RuntimeError("the worker dies here")
        (first,) = await bench.waiting()
        await bench.do(first)
        (second,) = await bench.waiting()
        assert not await bench.do(second)
        bench.fault = None
        await bench.go_on()
        assert bench.done == ["first", "second", "second"]

    async def test_a_job_that_is_repeated_after_its_step_was_over_does_nothing(self, bench: Bench) -> None:
        bench.parts_of_first = 1
        run_id = await bench.start()
        (first,) = await bench.waiting()
        await bench.do(first)
        async with bench.partner.database.relaying() as session:
            await session.execute(update(JobRow).where(JobRow.id == first).values(handled_at=None))
        assert await bench.do(first)
        assert bench.done == ["first"]
        assert (await bench.show(run_id)).status is RunStatus.RUNNING


class TestParts:
    async def test_a_step_waits_until_each_part_is_acknowledged(self, bench: Bench) -> None:
        bench.parts_of_first = 2
        run_id = await bench.start()
        await bench.go_on()
        for part in (1, 1, 7):
            await bench.acknowledge(run_id, part)
        await bench.go_on()
        assert bench.done == ["first"]
        await bench.acknowledge(run_id, 0)
        await bench.go_on()
        assert bench.done == ["first", "second"]
        assert (await bench.show(run_id)).outcomes["held"].count == 2

    async def test_acknowledgements_that_come_together_order_the_next_step_once(self, bench: Bench) -> None:
        bench.parts_of_first = 8
        run_id = await bench.start()
        await bench.go_on()
        await asyncio.gather(*(bench.acknowledge(run_id, part) for part in range(8)))
        assert len(await bench.waiting()) == 1

    async def test_what_was_acknowledged_before_the_step_had_sent_everything_counts(self, bench: Bench) -> None:
        bench.parts_of_first = 1
        run_id = await bench.start()
        first = bench.first

        async def first_is_answered_at_once(context: JobContext[Any], run: Run) -> None:
            await first(context, run)
            await bench.acknowledge(run_id, 0)

        bench.first = first_is_answered_at_once  # type: ignore[method-assign]
        await bench.go_on()
        assert bench.done == ["first", "second"]

    async def test_an_answer_says_itself_how_many_parts_it_has(self, bench: Bench) -> None:
        bench.asks_in_first = True
        run_id = await bench.start()
        await bench.go_on()
        assert bench.done == ["first"], "no answer yet is not an empty answer"
        assert await bench.answer(run_id, 1, 2)
        assert not await bench.answer(run_id, 1, 2)
        await bench.go_on()
        assert bench.done == ["first"]
        assert await bench.answer(run_id, 0, 2)
        await bench.go_on()
        assert bench.done == ["first", "second"]

    async def test_a_run_that_is_over_takes_no_part_and_no_acknowledgement(self, bench: Bench) -> None:
        run_id = await bench.start()
        await bench.go_on()
        await bench.acknowledge(run_id, 0)
        assert not await bench.answer(run_id, 0, 1)
        with pytest.raises(parts.RunIsOver):
            async with bench.partner.database.writing(bench.partner.circumstances) as session:
                await parts.take_part(session, run_id)
        assert (await bench.show(run_id)).outcomes == {}


class TestFailure:
    @pytest.mark.parametrize(
        ("fault", "sentence"),
        [
            (UpstreamUnreachable("GET x: no answer"), "Stopped: GET x: no answer."),
            (Refused("It is not there."), "Stopped: It is not there. Bring it."),
        ],
    )
    async def test_trouble_that_needs_a_person_ends_the_run_in_words(
        self, bench: Bench, fault: Exception, sentence: str
    ) -> None:
        bench.fault = fault
        run_id = await bench.start()
        await bench.go_on()
        run = await bench.show(run_id)
        assert (run.status, run.error) == (RunStatus.FAILED, sentence)
        assert bench.undone == ["second"]

    async def test_an_end_that_fails_is_given_up_too(self, bench: Bench) -> None:
        bench.fault_at_the_end = ZeroDivisionError()
        run_id = await bench.start()
        for _ in ("first", "second"):
            for job_id in await bench.waiting():
                await bench.do(job_id)
        (end,) = await bench.waiting()
        while not await bench.do(end):
            pass
        assert (await bench.show(run_id)).error == "Stopped: Given up after 8 tries."

    async def test_the_unforeseen_is_tried_again_and_then_given_up(self, bench: Bench) -> None:
        bench.fault = ZeroDivisionError()
        run_id = await bench.start()
        (first,) = await bench.waiting()
        await bench.do(first)
        (second,) = await bench.waiting()
        tries = [await bench.do(second) for _ in range(engine.MAX_ATTEMPTS + 1)]
        assert tries == [False] * engine.MAX_ATTEMPTS + [True]
        assert (await bench.show(run_id)).error == "Stopped: Given up after 8 tries."
        assert bench.done.count("second") == engine.MAX_ATTEMPTS < attempts.MAX_ATTEMPTS


class TestPatience:
    async def test_a_run_that_billing_no_longer_answers_ends_in_words(self, bench: Bench, clock: HeldClock) -> None:
        bench.parts_of_first = 2
        run_id = await bench.start()
        await bench.go_on()
        (watch,) = await bench.waiting(WatchRun.name)
        clock.advance(parts.PATIENCE)
        assert await bench.do(watch)
        run = await bench.show(run_id)
        assert run.status is RunStatus.FAILED
        assert run.error.startswith("Stopped: Billing has answered nothing for 30 minutes.")

    async def test_one_that_goes_on_answering_is_waited_for(self, bench: Bench, clock: HeldClock) -> None:
        bench.parts_of_first = 2
        run_id = await bench.start()
        await bench.go_on()
        (watch,) = await bench.waiting(WatchRun.name)
        clock.advance(parts.PATIENCE / 2)
        await bench.acknowledge(run_id, 0)
        clock.advance(parts.PATIENCE / 2)
        assert await bench.do(watch)
        assert (await bench.show(run_id)).status is RunStatus.RUNNING
        (later,) = await bench.waiting(WatchRun.name)
        async with bench.partner.database.relaying() as session:
            wait = func.extract("epoch", JobRow.next_attempt_at - func.now())
            seconds = float((await session.execute(select(wait).where(JobRow.id == later))).scalar_one())
        assert seconds == pytest.approx(parts.PATIENCE.total_seconds() / 2, abs=60)

    async def test_a_step_that_was_answered_is_not_watched_any_more(self, bench: Bench, clock: HeldClock) -> None:
        bench.parts_of_first = 1
        run_id = await bench.start()
        await bench.go_on()
        (watch,) = await bench.waiting(WatchRun.name)
        await bench.acknowledge(run_id, 0)
        clock.advance(parts.PATIENCE)
        assert await bench.do(watch)
        assert (await bench.show(run_id)).status is RunStatus.RUNNING
        assert not await bench.waiting(WatchRun.name)
