"""What the fault tests run as real processes: a worker whose handlers leave countable rows.

`python -m tests.kit.probe billing` handles RowsLoaded; `python -m tests.kit.probe sync` does an Errand in
STEPS steps. Settings come from the environment as for any worker; PROBE_FAILING is the share of effects that
fail after they wrote, PROBE_LEASE the seconds of a lease, PROBE_HOLD the step after which a job waits for ever.
"""

import asyncio
import os
import random
import sys
from typing import Any

from sqlalchemy import text

from services.contracts.envelope import Envelope
from services.contracts.events.sync import RowsLoaded
from services.kit.base.db import WriteSession
from services.kit.base.settings import ServiceSettings
from services.kit.ledger import work
from services.kit.ledger.work import JobContext
from services.kit.ledger.worker import ServiceWorker, run
from tests.kit.conftest import Errand

STEPS = 40
TABLES = """
CREATE TABLE billing.effect (event_id uuid NOT NULL);
CREATE TABLE audit.effect (event_id uuid NOT NULL);
CREATE TABLE sync.step (step integer NOT NULL, process integer NOT NULL);
"""
"""Without keys on purpose: what happened twice is there twice."""


class OrderedFailure(Exception):
    """A handler that fails because the test asked for it."""


async def make_effect(session: WriteSession, envelope: Envelope[Any]) -> None:
    place = f"{session.circumstances.source}.effect"
    await session.execute(text(f"INSERT INTO {place} VALUES (:id)"), {"id": envelope.id})  # noqa: S608 - our own name
    if random.random() < float(os.environ.get("PROBE_FAILING", "0")):  # noqa: S311 - chaos, not secrets
        raise OrderedFailure


async def take_steps(context: JobContext[Any], _errand: Errand) -> None:
    """Resumable: finds out how far it came, and goes on from there."""
    count = text("SELECT count(*) FROM sync.step")
    step = text("INSERT INTO sync.step VALUES (:step, :process)")
    async with context.reading() as session:
        done = (await session.execute(count)).scalar_one()
    for number in range(done, STEPS):
        async with context.writing() as session:
            await session.execute(step, {"step": number, "process": os.getpid()})
        if number == int(os.environ.get("PROBE_HOLD", "-1")):
            await asyncio.Event().wait()


def main(service: str) -> None:
    work.LEASE_SECONDS = float(os.environ.get("PROBE_LEASE", work.LEASE_SECONDS))
    jobs: work.Jobs = {Errand: take_steps} if service == "sync" else {}
    run(ServiceWorker(service, {RowsLoaded: make_effect}, jobs), ServiceSettings())


if __name__ == "__main__":
    main(sys.argv[1])
