"""What can go wrong with a push: each applies the plan, lets it happen while the push writes, and waits for the end."""

import asyncio
from collections.abc import Awaitable, Callable

import redis.asyncio

from services.sync.runs.schemas import RunOut
from tests.faults.acts import WRITES
from tests.faults.house import READ_SECONDS, pause, resume
from tests.faults.scene import Scene
from tests.faults.world import NEXT_CODEBASE

Trouble = Callable[[Scene], Awaitable[RunOut]]
IN_FLIGHT = 2  # calls of a worker at a time


async def lost_answer(scene: Scene) -> RunOut:
    await scene.fault("lost_answer_after_commit", every=2, count=3)
    return await scene.push()


async def error_before_commit(scene: Scene) -> RunOut:
    await scene.fault("server_timeout", every=2, count=2)
    return await scene.push()


async def error_after_commit(scene: Scene) -> RunOut:
    await scene.fault("error_after_commit", code="InternalServerError", every=2, count=3)
    return await scene.push()


async def too_many_requests(scene: Scene) -> RunOut:
    await scene.fault("too_many_requests", retry_after=1, count=4)
    return await scene.push()


async def page_of_a_gateway(scene: Scene) -> RunOut:
    await scene.fault("html_502", after_commit=True, every=2, count=2)
    await scene.fault("html_502", count=1, skip=2)
    return await scene.push()


async def reset(scene: Scene) -> RunOut:
    scene.wire.reset_requests(scene.set_up.verb, count=2)
    run = await scene.desk.finish(await scene.begin())
    assert scene.wire.resets_left == 0
    return run


async def slow_before_commit(scene: Scene) -> RunOut:
    await scene.fault("stall", seconds=READ_SECONDS + 1, count=2)
    return await scene.push()


async def slow_after_commit(scene: Scene) -> RunOut:
    await scene.fault("stall", seconds=READ_SECONDS + 1, after_commit=True, count=2)
    return await scene.push()


async def lists_that_lag(scene: Scene) -> RunOut:
    """Answers are lost, and no list shows for a while what became of the writes."""
    await scene.house.connectwise.order("behaviour", list_lag_seconds=2)
    return await lost_answer(scene)


async def moved_codebase(scene: Scene) -> RunOut:
    await scene.fault("stall", seconds=0.8, count=IN_FLIGHT)
    run_id = await scene.begin()
    await scene.wait_until_struck(IN_FLIGHT)
    await scene.house.connectwise.order("codebase", codebase=NEXT_CODEBASE)
    return await scene.desk.finish(run_id)


async def _kill(scene: Scene, struck: int = IN_FLIGHT, **settings: str) -> RunOut:
    """Kill the worker as soon as so many calls have met their fault; another one takes over."""
    first = scene.house.workers.only(**settings)
    run_id = await scene.begin()
    await scene.wait_until_struck(struck)
    first.kill()
    assert not (await scene.desk.run(run_id)).status.is_final
    await asyncio.to_thread(scene.house.workers.only)
    return await scene.desk.finish(run_id)


async def killed_before_the_call(scene: Scene) -> RunOut:
    """The calls die with the worker, and nothing is done."""
    await scene.fault("delay", seconds=1, count=IN_FLIGHT)
    return await _kill(scene)


async def killed_during_the_call(scene: Scene) -> RunOut:
    """ConnectWise is still busy with the calls when the worker is dead, and does them then."""
    await scene.fault("stall", seconds=2, count=IN_FLIGHT)
    return await _kill(scene)


async def killed_after_the_call(scene: Scene) -> RunOut:
    """The calls are done, and nobody hears of it."""
    await scene.fault("stall", seconds=5, after_commit=True, count=IN_FLIGHT)
    return await _kill(scene)


async def killed_before_the_journal(scene: Scene) -> RunOut:
    """Most calls are done and answered, and nothing of that is written down."""
    await scene.fault("stall", seconds=5, after_commit=True, skip=WRITES - IN_FLIGHT, count=IN_FLIGHT)
    return await _kill(scene, HASTY_FLUSH_SECONDS="60")


async def stalled_past_the_lease(scene: Scene) -> RunOut:
    """The worker stands still for longer than its lease, wakes after another one did its work, and sends nothing."""
    first = scene.house.workers.only()
    await scene.fault("stall", seconds=1, after_commit=True, count=IN_FLIGHT)
    run_id = await scene.begin()
    await scene.wait_until_struck(IN_FLIGHT)
    pause(first)
    await asyncio.to_thread(scene.house.workers.start)
    run = await scene.desk.finish(run_id)
    sent = await scene.count_writes()
    resume(first)
    await asyncio.to_thread(first.wait_for_output, "lease lost")
    await asyncio.sleep(0.5)
    assert await scene.count_writes() == sent
    return run


async def flushed_valkey(scene: Scene) -> RunOut:
    """Valkey forgets that the push was ordered, and once more everything while it is written."""
    worker = scene.house.workers.only()
    await scene.fault("stall", seconds=1, count=IN_FLIGHT)
    async with redis.asyncio.Redis.from_url(scene.house.redis_url) as client:
        pause(worker)
        run_id = await scene.begin()
        await client.flushall()
        resume(worker)
        await scene.wait_until_struck(IN_FLIGHT)
        await client.flushall()
    return await scene.desk.finish(run_id)


async def restarted_postgres(scene: Scene) -> RunOut:
    """PostgreSQL is away when the first answers come back, so that nobody can write them down."""
    await scene.fault("stall", seconds=0.6, after_commit=True, count=IN_FLIGHT)
    run_id = await scene.begin()
    await scene.wait_until_struck(IN_FLIGHT)
    await asyncio.to_thread(scene.house.restart_postgres, 1.5)
    return await scene.desk.finish(run_id)


TROUBLES: dict[str, Trouble] = {
    each.__name__: each
    for each in (
        lost_answer,
        error_before_commit,
        error_after_commit,
        too_many_requests,
        page_of_a_gateway,
        reset,
        slow_before_commit,
        slow_after_commit,
        lists_that_lag,
        moved_codebase,
        killed_before_the_call,
        killed_during_the_call,
        killed_after_the_call,
        killed_before_the_journal,
        stalled_past_the_lease,
        flushed_valkey,
        restarted_postgres,
    )
}
