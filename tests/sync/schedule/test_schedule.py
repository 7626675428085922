"""What the schedule says is done once a night for each partner, whatever is restarted and however many look."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from services.contracts.events.sync import TroubleNoted
from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base.db import Database, WriteSession
from services.kit.ledger.worker import serve
from services.sync.connections.models import ConnectionRow
from services.sync.runs import engine
from services.sync.runs.models import Run
from services.sync.runs.schemas import RunOut
from services.sync.schedule import service
from services.sync.schedule.models import ScheduledNight
from services.sync.schedule.service import begin_night, keep_schedule
from services.sync.schedule.table import SCHEDULE, Entry
from services.sync.settings import SyncSettings
from services.sync.worker import build_worker
from tests.support.clock import HeldClock
from tests.sync.conftest import Partner
from tests.sync.plans.desk import AGREEMENT, Desk, want

(DUPLICATES,) = SCHEDULE
MIDNIGHT = datetime(2026, 6, 18, tzinfo=UTC)
LATE = "The nightly check for duplicates was late and is caught up"


@pytest.fixture(autouse=True)
async def connected_long_ago(desk: Desk, clock: HeldClock) -> None:
    """The credentials were saved before the night that a test is about, and that night begins."""
    async with desk.database.writing(desk.circumstances) as session:
        await session.execute(update(ConnectionRow).values(saved_at=MIDNIGHT - timedelta(days=30)))
    clock.set(MIDNIGHT + timedelta(seconds=7))


async def look(desk: Desk, entry: Entry = DUPLICATES, due: datetime = MIDNIGHT) -> bool:
    return await begin_night(desk.database, entry, due)


async def examinations(partner: Partner) -> list[RunOut]:
    return [run for run in (await partner.runs()).values() if run.kind is RunKind.EXAMINATION]


async def nights(partner: Partner) -> list[tuple[str, date]]:
    async with partner.database.reading(partner.circumstances) as session:
        rows = await session.scalars(select(ScheduledNight).order_by(ScheduledNight.night))
        return [(row.entry, row.night) for row in rows]


class TestOnceANight:
    async def test_twins_on_the_stand_in_are_found_at_midnight(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        async with desk.database.reading(desk.circumstances) as session:
            psa = await desk.upstreams.open_psa(session)
        (first,) = await desk.additions()
        second = await psa.create_addition(AGREEMENT, first.values)
        await look(desk)
        await desk.settle()
        (run,) = await examinations(desk)
        assert (run.status, run.requested_by) == (RunStatus.SUCCEEDED, "Tieout")
        assert run.outcomes["twins"].count == 1
        (said,) = [fact.details for fact in await desk.facts(TroubleNoted)]
        assert f"additions {first.id} and {second.id} carry the same marker TO-A" in said

    async def test_workers_that_look_at_the_same_time_begin_it_once(
        self, desk: Desk, sync_settings: SyncSettings
    ) -> None:
        workers = [Database(sync_settings.database_url, "sync") for _ in range(4)]
        assert await asyncio.gather(*(begin_night(each, DUPLICATES, MIDNIGHT) for each in workers)) == [True] * 4
        for each in workers:
            await each.close()
        assert len(await examinations(desk)) == 1
        assert await nights(desk) == [("duplicates", MIDNIGHT.date())]

    async def test_a_worker_that_starts_later_that_day_does_not_begin_it_again(self, desk: Desk) -> None:
        await look(desk)
        await desk.settle()
        await look(desk)
        assert len(await examinations(desk)) == 1

    async def test_the_next_night_begins_anew(self, desk: Desk, clock: HeldClock) -> None:
        await look(desk)
        await desk.settle()
        clock.advance(timedelta(days=1))
        await look(desk, due=MIDNIGHT + timedelta(days=1))
        assert len(await examinations(desk)) == 2

    async def test_a_night_whose_transaction_failed_is_begun_by_the_next_look(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(_session: WriteSession, _kind: RunKind) -> Run:
            raise RuntimeError("the worker dies here")

        with monkeypatch.context() as patched:
            patched.setattr(engine, "start_unless_running", fail)
            assert not await look(desk)
        assert await nights(desk) == []
        assert await look(desk)
        assert len(await examinations(desk)) == 1

    async def test_one_that_somebody_started_a_minute_before_is_not_doubled(self, desk: Desk) -> None:
        async with desk.database.writing(desk.circumstances) as session:
            await engine.start_unless_running(session, RunKind.EXAMINATION)
        await look(desk)
        assert len(await examinations(desk)) == 1


class TestAMissedNight:
    async def test_workers_that_start_in_the_morning_catch_it_up_once_and_say_so(
        self, desk: Desk, clock: HeldClock, sync_settings: SyncSettings
    ) -> None:
        clock.set(MIDNIGHT + timedelta(hours=9, minutes=12))
        starting = [asyncio.create_task(serve(build_worker(sync_settings), sync_settings)) for _ in range(2)]
        try:
            await until_begun(desk, 1)
        finally:
            await stop(*starting)
        (run,) = await examinations(desk)
        (said,) = [fact for fact in await desk.facts(TroubleNoted) if fact.title == LATE]
        assert said.details == "It was due on 2026-06-18 at 00:00 UTC and nothing began it. It began at 09:12 UTC."
        assert said.run_id == run.id

    async def test_a_worker_that_was_up_begins_the_night_as_it_falls_due_and_has_nothing_to_mention(
        self, desk: Desk, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "LOOK_SECONDS", 0.01)
        keeping = asyncio.create_task(keep_schedule(desk.database))
        try:
            await until_begun(desk, 1)
            clock.advance(timedelta(days=1))
            await until_begun(desk, 2)
        finally:
            await stop(keeping)
        assert [night for _, night in await nights(desk)] == [date(2026, 6, 18), date(2026, 6, 19)]
        assert LATE not in [fact.title for fact in await desk.facts(TroubleNoted)]


async def stop(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until_begun(partner: Partner, count: int) -> None:
    async with asyncio.timeout(20):
        while len(await nights(partner)) < count:
            await asyncio.sleep(0.02)


class TestPartners:
    async def test_one_without_a_connection_is_left_alone(self, desk: Desk) -> None:
        stranger = Partner(uuid4(), desk.database, desk.upstreams)
        async with stranger.database.writing(stranger.circumstances) as session:
            await engine.start(session, RunKind.LOAD)
        await look(desk)
        assert (await examinations(stranger), await nights(stranger)) == ([], [])
        assert len(await examinations(desk)) == 1

    async def test_one_that_was_connected_since_has_missed_nothing(self, desk: Desk) -> None:
        async with desk.database.writing(desk.circumstances) as session:
            await session.execute(update(ConnectionRow).values(saved_at=MIDNIGHT + timedelta(hours=1)))
        await look(desk)
        assert (await examinations(desk), await nights(desk)) == ([], [])

    async def test_trouble_with_one_does_not_keep_the_others(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        other = Partner(uuid4(), desk.database, desk.upstreams)
        await other.connect()
        async with other.database.writing(other.circumstances) as session:
            await session.execute(update(ConnectionRow).values(saved_at=MIDNIGHT - timedelta(days=1)))
        start = engine.start_unless_running

        async def fail_for_the_desk(session: WriteSession, kind: RunKind) -> Run:
            if session.circumstances.partner_id == desk.id:
                raise RuntimeError("a bug")
            return await start(session, kind)

        monkeypatch.setattr(engine, "start_unless_running", fail_for_the_desk)
        assert not await look(desk)
        assert (len(await examinations(desk)), len(await examinations(other))) == (0, 1)
