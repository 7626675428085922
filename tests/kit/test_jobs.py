"""Jobs are tried as deliveries are: rung after commit, swept, laid to rest, and put back to work by people."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.kit.base.db import Bell, Database
from services.kit.ledger import attempts
from services.kit.ledger.jobs import order
from services.kit.ledger.queue import MemoryQueue
from services.kit.ledger.relay import sweep
from services.kit.ledger.work import JobContext, handle_work
from tests.kit.conftest import RUNS, Errand, Ledger, Publish, in_the_name_of, until


async def fail(_context: JobContext[Any], _errand: Errand) -> None:
    raise RuntimeError("no bread")


class TestOrder:
    async def test_its_consumer_is_rung_after_the_commit(
        self, sync_db: Database, bells: MemoryQueue, partner: UUID
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            job_id = await order(session, RUNS, Errand(), "run/1")
            assert bells.rung == []
        assert bells.rung == [Bell(RUNS, job_id)]

    async def test_its_arguments_arrive_as_they_were_given(self, sync_db: Database, partner: UUID) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            job_id = await order(session, RUNS, Errand(what="milk"), "run/1")
        seen: list[Errand] = []

        async def look(_context: JobContext[Any], errand: Errand) -> None:
            seen.append(errand)

        assert await handle_work(sync_db, RUNS, job_id, {Errand: look}, None)
        assert seen == [Errand(what="milk")]

    async def test_what_it_does_is_caused_by_the_event_that_caused_it(self, sync_db: Database, partner: UUID) -> None:
        cause = uuid4()
        async with sync_db.writing(in_the_name_of(partner)) as session:
            job_id = await order(session, RUNS, Errand(), "run/1", causation_id=cause)
        seen: list[UUID | None] = []

        async def look(context: JobContext[Any], _errand: Errand) -> None:
            seen.append(context.circumstances.causation_id)

        assert await handle_work(sync_db, RUNS, job_id, {Errand: look}, None)
        assert seen == [cause]

    async def test_one_that_waits_is_rung_by_the_sweep_when_it_is_due(
        self, sync_db: Database, bells: MemoryQueue, partner: UUID, ledger: Ledger
    ) -> None:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            job_id = await order(session, RUNS, Errand(), "run/1", wait=timedelta(seconds=0.2))
        assert bells.rung == []

        async def is_rung() -> bool:
            await sweep(sync_db)
            return bool(bells.rung)

        await until(is_rung)
        assert bells.rung == [Bell(RUNS, job_id)]
        assert (await ledger.job(job_id))["rings"] == 1


class TestRest:
    async def test_a_job_at_rest_is_shown_beside_deliveries_and_can_be_tried_again(
        self, sync_db: Database, bells: MemoryQueue, partner: UUID, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        await ledger.change_job(job_id, f"attempts = {attempts.MAX_ATTEMPTS - 1}")
        assert not await handle_work(sync_db, RUNS, job_id, {Errand: fail}, None)

        async with sync_db.reading(in_the_name_of(partner)) as session:
            (resting,) = await attempts.list_resting(session)
        assert (resting.task_id, resting.consumer, resting.type) == (job_id, RUNS, "test.errand")
        assert (resting.subject, resting.last_error) == ("run/1", "RuntimeError: no bread")

        bells.rung.clear()
        async with sync_db.writing(in_the_name_of(partner)) as session:
            assert await attempts.retry_resting(session, job_id, RUNS)
        assert bells.rung == [Bell(RUNS, job_id)]
        row = await ledger.job(job_id)
        assert (row["rested_at"], row["attempts"]) == (None, 0)

    async def test_another_partners_is_neither_shown_nor_tried_again(
        self, sync_db: Database, order_work: Publish, ledger: Ledger
    ) -> None:
        job_id = await order_work()
        await ledger.change_job(job_id, "rested_at = now()")
        async with sync_db.writing(in_the_name_of(uuid4())) as session:
            assert await attempts.list_resting(session) == []
            assert not await attempts.retry_resting(session, job_id, RUNS)
