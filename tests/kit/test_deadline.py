import asyncio

import pytest

from services.kit.base import deadline
from services.kit.base.deadline import OutOfTime, end, within


class TestWithin:
    async def test_what_ends_in_time_is_left_alone(self) -> None:
        async with within(30):
            await asyncio.sleep(0)
        async with within(None):
            await asyncio.sleep(0)

    async def test_what_takes_too_long_is_stopped_and_says_so(self) -> None:
        with pytest.raises(OutOfTime, match=r"stopped after 0.01 s"):
            async with within(0.01):
                await asyncio.Event().wait()

    async def test_a_time_out_inside_stays_what_it_was(self) -> None:
        with pytest.raises(TimeoutError, match="theirs"):
            async with within(30):
                raise TimeoutError("theirs")


class TestEnd:
    async def test_a_task_that_lost_a_cancellation_is_cancelled_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deadline, "AGAIN_SECONDS", 0.01)
        lost: list[asyncio.CancelledError] = []

        async def lose_the_first() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                lost.append(error)
            await asyncio.Event().wait()

        task = asyncio.create_task(lose_the_first())
        await asyncio.sleep(0)

        await end(task)

        assert len(lost) == 1
        assert task.cancelled()

    async def test_what_has_ended_stays_as_it_is(self) -> None:
        async def fail() -> None:
            raise RuntimeError

        task = asyncio.create_task(fail())
        await asyncio.wait({task})

        await end(task)

        assert isinstance(task.exception(), RuntimeError)
