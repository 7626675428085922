"""Billing has the mirrors: fetch the invoices of a load, prove them, tell billing."""

from services.contracts.envelope import Envelope
from services.contracts.events.sync import LoadPrepared
from services.kit.ledger.work import JobContext
from services.sync.loads.job import load_rows
from services.sync.runs.guard import work_on_run
from services.sync.runs.models import RunRow
from services.sync.upstreams import Upstreams


async def work(context: JobContext[Upstreams], envelope: Envelope[LoadPrepared]) -> None:
    fact = envelope.data

    async def load(_run: RunRow) -> None:
        await load_rows(context, fact.run_id, fact.periods)

    await work_on_run(context, fact.run_id, load)
