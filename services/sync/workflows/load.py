"""Load Invoices: fresh mirrors first, so that billing can map each row; then the invoices, then their rows."""

from services.contracts.vocabulary import RunKind
from services.kit.ledger.work import JobContext
from services.sync.loads.headers import list_headers
from services.sync.loads.rows import load_rows
from services.sync.mirrors.service import PUBLISHED_KINDS, refresh_mirrors
from services.sync.plans.service import note_invoicing
from services.sync.runs.models import Run
from services.sync.runs.workflow import Step, Workflow
from services.sync.upstreams import Upstreams


async def refresh_what_lines_map_to(context: JobContext[Upstreams], run: Run) -> None:
    """Billing rates no row before it has taken in every record that is new."""
    await refresh_mirrors(context, run.id, PUBLISHED_KINDS, note_invoicing)


async def list_invoices(context: JobContext[Upstreams], run: Run) -> None:
    await list_headers(context, run.id, run.periods)


async def publish_rows(context: JobContext[Upstreams], run: Run) -> None:
    """Keep every row as it came, judge each invoice by its checksum, and publish those that pass."""
    await load_rows(context, run.id, run.periods)


LOAD = Workflow(
    RunKind.LOAD,
    steps=(
        Step("mirrors", refresh_what_lines_map_to),
        Step("headers", list_invoices),
        Step("rows", publish_rows),
    ),
)
