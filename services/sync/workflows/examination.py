"""Checking for duplicates: fresh agreements, because what was invoiced decides what stays; then their additions."""

from services.contracts.vocabulary import MirrorKind, RunKind
from services.kit.ledger.work import JobContext
from services.sync.examinations.examine import STEP, conclude, examine_agreements
from services.sync.mirrors.service import refresh_mirrors
from services.sync.plans.service import note_invoicing
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflow
from services.sync.upstreams import Upstreams


async def read_agreements(context: JobContext[Upstreams], run: Run) -> None:
    await refresh_mirrors(context, run.id, (MirrorKind.AGREEMENT,), note_invoicing)


async def look_for_twins(context: JobContext[Upstreams], run: Run) -> None:
    """Agreements in groups, with a checkpoint after each: a repeated try goes on where the last one ended."""
    await examine_agreements(context, run.id)


EXAMINATION = Workflow(
    RunKind.EXAMINATION,
    steps=(Step("agreements", read_agreements), Step(STEP, look_for_twins)),
    on_success=conclude,
)
