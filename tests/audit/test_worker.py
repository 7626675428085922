"""The job process, for real: a fact in the ledger reaches trail, log and whoever watches."""

import asyncio

from redis.asyncio import Redis

from services.contracts.events.gateway import SessionOpened
from services.kit.ledger.live import LiveStream
from tests.audit.conftest import KEY, Desk
from tests.support.processes import StartPython


class TestWorker:
    async def test_a_fact_that_nobody_rang_for_is_swept_up_and_announced(
        self, desk: Desk, redis_url: str, start_python: StartPython
    ) -> None:
        environment = {
            "TIEOUT_DATABASE_URL": desk.tested.url("audit"),
            "TIEOUT_REDIS_URL": redis_url,
            "TIEOUT_INTERNAL_KEY": KEY,
        }
        worker = start_python("-m", "services.audit.worker", env=environment)
        async with Redis.from_url(redis_url) as redis:
            heard = asyncio.create_task(self._hear(LiveStream(redis), desk))
            await asyncio.to_thread(worker.wait_for_output, "worker ready")
            await desk.publish(SessionOpened(email="anna@northwind.example"))
            async with asyncio.timeout(60):
                kind, data = await heard

        assert kind == "log"
        assert '"Signed in"' in data
        assert await desk.count("audit.trail_entry") == await desk.count("audit.system_log") == 1
        assert worker.terminate() == 0

    @staticmethod
    async def _hear(live: LiveStream, desk: Desk) -> tuple[str, str]:
        async for kind, data in live.listen(desk.partner_id):
            if kind:
                return kind, data
        raise AssertionError("the stream ended")
