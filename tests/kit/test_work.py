import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.kit.base.db import Database, WriteSession
from services.kit.ledger import attempts, lease, work
from services.kit.ledger.lease import LeaseLost
from services.kit.ledger.work import JobContext, Jobs, handle_work
from tests.kit.conftest import PERSON, RUNS, Errand, Ledger, OpenDatabase, Publish, in_the_name_of, leave_trace, until


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LEASE_SECONDS", 0.3)


async def _do(context: JobContext[Any], errand: Errand) -> None:
    async with context.writing() as session:
        await leave_trace(session, errand.what)


DOING: Jobs = {Errand: _do}


class _Held:
    """A job that waits inside, with what it was given."""

    def __init__(self) -> None:
        self.is_running = asyncio.Event()
        self.may_end = asyncio.Event()
        self.context: JobContext[Any]

    async def __call__(self, context: JobContext[Any], _errand: Errand) -> None:
        self.context = context
        self.is_running.set()
        await self.may_end.wait()


class TestHandleWork:
    async def test_a_job_works_in_the_name_of_who_asked(
        self, sync_db: Database, order_work: Publish, partner: UUID, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        seen: list[JobContext[Any]] = []

        async def look(context: JobContext[Any], _errand: Errand) -> None:
            seen.append(context)

        assert await handle_work(sync_db, RUNS, job_id, {Errand: look}, "resources")

        context = seen[0]
        assert (context.partner_id, context.resources) == (partner, "resources")
        assert (context.circumstances.actor, context.circumstances.correlation_id) == (PERSON, "c-1")
        row = await ledger.job(job_id)
        assert (row["attempts"], row["leased_until"], row["last_error"]) == (1, None, None)
        assert row["handled_at"] is not None

    async def test_its_transactions_commit_one_by_one(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()

        async def step_twice(context: JobContext[Any], _errand: Errand) -> None:
            async with context.writing() as session:
                await leave_trace(session, "first")
            async with context.reading() as session:
                assert session.circumstances.partner_id == context.partner_id
            raise RuntimeError("between two steps")

        assert not await handle_work(sync_db, RUNS, job_id, {Errand: step_twice}, None)

        assert await ledger.traces() == ["first"]

    async def test_a_second_ring_finds_nothing_to_do(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()

        assert await handle_work(sync_db, RUNS, job_id, DOING, None)
        assert not await handle_work(sync_db, RUNS, job_id, DOING, None)

        assert await ledger.traces() == ["bread"]

    async def test_two_workers_never_run_the_same_job(self, open_database: OpenDatabase, order_work: Publish) -> None:
        job_id = await order_work()
        held = _Held()
        first = asyncio.create_task(handle_work(open_database(), RUNS, job_id, {Errand: held}, None))
        await held.is_running.wait()

        second = await asyncio.gather(
            *(handle_work(open_database(), RUNS, job_id, {Errand: held}, None) for _ in range(3))
        )
        held.may_end.set()

        assert second == [False, False, False]
        assert await first

    async def test_a_failed_job_is_retried_later(self, sync_db: Database, order_work: Publish, ledger: Ledger) -> None:
        job_id = await order_work()

        async def fail(_context: JobContext[Any], _errand: Errand) -> None:
            raise RuntimeError("AppXite is down")

        assert not await handle_work(sync_db, RUNS, job_id, {Errand: fail}, None)

        row = await ledger.job(job_id)
        assert (row["attempts"], row["lease_id"], row["last_error"]) == (1, None, "RuntimeError: AppXite is down")
        assert await handle_work(sync_db, RUNS, job_id, DOING, None)

    async def test_a_job_nobody_knows_stays_in_the_ledger(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()

        assert not await handle_work(sync_db, RUNS, job_id, {}, None)

        row = await ledger.job(job_id)
        assert (row["handled_at"], row["last_error"]) == (
            None,
            "UnknownJob: this build does not know jobs named test.errand",
        )

    async def test_a_job_that_takes_too_long_is_stopped_and_says_so(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()

        assert not await handle_work(sync_db, RUNS, job_id, {Errand: _Held()}, None, seconds=0.05)

        assert (await ledger.job(job_id))["last_error"] == "OutOfTime: stopped after 0.05 s"

    async def test_a_cancelled_job_is_handed_back_at_once(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        held = _Held()
        attempt = asyncio.create_task(handle_work(sync_db, RUNS, job_id, {Errand: held}, None))
        await held.is_running.wait()

        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

        row = await ledger.job(job_id)
        assert (row["lease_id"], row["attempts"], row["next_attempt_at"] <= row["asked_at"]) == (None, 0, True)
        assert await handle_work(sync_db, RUNS, job_id, DOING, None)

    async def test_a_job_cancelled_while_the_database_is_away_still_ends(
        self, sync_db: Database, order_work: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = await order_work()
        held = _Held()
        attempt = asyncio.create_task(handle_work(sync_db, RUNS, job_id, {Errand: held}, None))
        await held.is_running.wait()

        async def fail(_session: WriteSession, _lease_id: UUID) -> bool:
            raise ConnectionRefusedError

        monkeypatch.setattr(lease, "release", fail)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

    async def test_a_context_without_a_lease_writes_as_a_request_does(
        self, sync_db: Database, partner: UUID, ledger: Ledger
    ) -> None:
        context = JobContext(sync_db, in_the_name_of(partner), None)

        async with context.writing() as session:
            await leave_trace(session, "plain")

        assert await ledger.traces() == ["plain"]


@pytest.mark.usefixtures("short_leases")
class TestHeartbeat:
    async def test_a_job_longer_than_its_lease_keeps_it(
        self, sync_db: Database, open_database: OpenDatabase, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        held = _Held()
        attempt = asyncio.create_task(handle_work(sync_db, RUNS, job_id, {Errand: held}, None))
        await held.is_running.wait()
        taken_at = (await ledger.job(job_id))["asked_at"]

        async def three_leases_have_passed() -> bool:
            asked_at = (await ledger.job(job_id))["asked_at"]
            return bool((asked_at - taken_at).total_seconds() > 3 * work.LEASE_SECONDS)

        await until(three_leases_have_passed)
        assert not await handle_work(open_database(), RUNS, job_id, DOING, None)
        held.may_end.set()

        assert await attempt

    async def test_a_job_that_was_taken_over_is_cancelled(
        self, sync_db: Database, order_work: Publish, ledger: Ledger, logged: list[dict[str, Any]]
    ) -> None:
        job_id = await order_work()
        held = _Held()
        attempt = asyncio.create_task(handle_work(sync_db, RUNS, job_id, {Errand: held}, None))
        await held.is_running.wait()

        await ledger.change_job(job_id, "lease_id = gen_random_uuid(), leased_until = now() + interval '1 hour'")

        assert not await attempt
        assert [entry["event"] for entry in logged] == ["lease lost"]
        assert (await ledger.job(job_id))["attempts"] == 0, "the job is another worker's now"

    async def test_a_database_that_does_not_answer_for_a_moment_costs_nothing(
        self, sync_db: Database, order_work: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = await order_work()
        held = _Held()
        asked: list[bool] = []
        prolong = lease.prolong

        async def fail_at_first(session: WriteSession, lease_id: UUID, seconds: float) -> bool:
            asked.append(True)
            if len(asked) == 1:
                raise ConnectionRefusedError
            held.may_end.set()
            return await prolong(session, lease_id, seconds)

        monkeypatch.setattr(lease, "prolong", fail_at_first)

        assert await handle_work(sync_db, RUNS, job_id, {Errand: held}, None)
        assert len(asked) == 2

    async def test_a_database_that_stays_away_ends_the_job_before_another_may_begin(
        self, sync_db: Database, order_work: Publish, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = await order_work()

        async def fail(_session: WriteSession, _lease_id: UUID, _seconds: float) -> bool:
            raise ConnectionRefusedError

        monkeypatch.setattr(lease, "prolong", fail)

        assert not await handle_work(sync_db, RUNS, job_id, {Errand: _Held()}, None)

        assert (await ledger.job(job_id))["handled_at"] is None


class TestLease:
    @pytest.fixture
    async def taken_over(self, sync_db: Database, order_work: Publish, ledger: Ledger) -> tuple[UUID, JobContext[Any]]:
        """A job and the context of a worker that lost it a moment ago, and has not noticed yet."""
        job_id, lease_id = await order_work(), uuid4()
        async with sync_db.relaying() as session:
            ordered = await lease.take(session, RUNS, job_id, lease_id, 30)
        assert ordered is not None
        await ledger.change_job(job_id, "lease_id = gen_random_uuid()")
        context = JobContext(sync_db, ordered.circumstances("sync"), None, lease_id)
        return job_id, context

    async def test_a_transaction_of_a_lost_job_cannot_commit(
        self, taken_over: tuple[UUID, JobContext[Any]], ledger: Ledger
    ) -> None:
        _, context = taken_over

        with pytest.raises(LeaseLost):
            async with context.writing() as session:
                await leave_trace(session, "too late")

        assert await ledger.traces() == []

    async def test_a_lost_job_neither_prolongs_nor_ends_nor_releases(
        self, sync_db: Database, taken_over: tuple[UUID, JobContext[Any]], ledger: Ledger
    ) -> None:
        job_id, context = taken_over
        assert context.lease_id is not None
        before = dict(await ledger.job(job_id))

        async with sync_db.relaying() as session:
            assert not await lease.prolong(session, context.lease_id, 30)
            assert not await lease.finish(session, context.lease_id)
            assert not await lease.release(session, context.lease_id)

        after = dict(await ledger.job(job_id))
        assert before | {"asked_at": None} == after | {"asked_at": None}

    async def test_a_lost_jobs_failure_is_not_its_successors(
        self, sync_db: Database, taken_over: tuple[UUID, JobContext[Any]], ledger: Ledger
    ) -> None:
        job_id, context = taken_over

        assert context.lease_id is not None
        error, is_mine = RuntimeError("late"), lease.is_mine(context.lease_id)
        await attempts.note_failure(sync_db, attempts.JOB_TASKS, RUNS, job_id, error, is_mine)

        row = await ledger.job(job_id)
        assert (row["attempts"], row["last_error"]) == (0, None)
        assert row["lease_id"] is not None

    async def test_a_takeover_waits_for_a_commit_that_has_begun(
        self, sync_db: Database, open_database: OpenDatabase, order_work: Publish, partner: UUID, ledger: Ledger
    ) -> None:
        job_id, lease_id = await order_work(), uuid4()
        async with sync_db.relaying() as session:
            await lease.take(session, RUNS, job_id, lease_id, 0.001)

        async with sync_db.writing(in_the_name_of(partner)) as session:
            await leave_trace(session, "in time")
            await lease.keep_until_commit(session, lease_id)
            assert not await handle_work(open_database(), RUNS, job_id, DOING, None)

        assert await ledger.traces() == ["in time"]
        assert await handle_work(open_database(), RUNS, job_id, DOING, None)

    async def test_an_ended_lease_is_taken_over_and_counts_as_an_attempt(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        async with sync_db.relaying() as session:
            await lease.take(session, RUNS, job_id, uuid4(), 0)

        assert await handle_work(sync_db, RUNS, job_id, DOING, None)

        assert (await ledger.job(job_id))["attempts"] == 2

    async def test_a_job_that_kills_every_worker_comes_to_rest(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        await ledger.change_job(job_id, f"attempts = {attempts.MAX_ATTEMPTS - 1}, lease_id = gen_random_uuid()")
        await ledger.change_job(job_id, "leased_until = now() - interval '1 second'")

        assert not await handle_work(sync_db, RUNS, job_id, DOING, None)

        row = await ledger.job(job_id)
        assert row["rested_at"] is not None
        assert row["last_error"].startswith("WorkerKeptDying: 12 attempts")
        assert await ledger.traces() == []

    async def test_a_job_whose_lease_is_lost_at_the_end_is_not_done(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()

        async def lose(_context: JobContext[Any], _errand: Errand) -> None:
            await ledger.change_job(job_id, "lease_id = gen_random_uuid()")

        assert not await handle_work(sync_db, RUNS, job_id, {Errand: lose}, None)

        assert (await ledger.job(job_id))["handled_at"] is None
