"""Sync Organizations: read both sides afresh; billing takes in what is new."""

from services.contracts.vocabulary import RunKind
from services.kit.ledger.work import JobContext
from services.sync.mirrors.service import refresh_mirrors
from services.sync.plans.service import note_invoicing
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflow
from services.sync.upstreams import Upstreams


async def read_both_sides(context: JobContext[Upstreams], run: Run) -> None:
    await refresh_mirrors(context, run.id, note_moves=note_invoicing)


MIRROR = Workflow(RunKind.MIRROR, steps=(Step("mirrors", read_both_sides),))
