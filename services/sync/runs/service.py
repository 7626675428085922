"""The life of a run: requested, started, watched, finished, whatever it does."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from pydantic import TypeAdapter

from services.contracts.events.sync import RunFinished
from services.contracts.shapes import Outcomes, Tally
from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import NotFound
from services.kit.base.ids import new_id
from services.kit.ledger import bus
from services.kit.ledger.live import announce_after_commit
from services.sync.runs import repository
from services.sync.runs.models import Run
from services.sync.runs.schemas import Progress, RunOut

TENTH = Decimal("0.1")

_outcomes = TypeAdapter(Outcomes)


class RunNotFound(NotFound):
    """No run of this partner has this id."""


def describe(run: Run) -> RunOut:
    return RunOut(
        id=run.id,
        kind=RunKind(run.kind),
        status=RunStatus(run.status),
        periods=run.periods,
        progress=Progress(done=run.done, total=run.total),
        outcomes=_outcomes.validate_python(run.outcomes),
        error=run.error,
        requested_by=run.requested_by,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        plan_id=run.plan_id,
        receipt_id=run.receipt_id,
    )


async def show_run(session: ReadSession, run_id: UUID) -> RunOut:
    run = await repository.find_run(session, run_id)
    if run is None:
        raise RunNotFound(f"There is no run {run_id}.")
    return describe(run)


async def create_run(
    session: WriteSession, kind: RunKind, periods: Sequence[str] = (), plan_id: UUID | None = None
) -> Run:
    """A queued run in the name of whoever asks; `engine.start` sets it going."""
    run = Run(
        id=new_id(),
        partner_id=session.circumstances.partner_id,
        kind=kind.value,
        status=RunStatus.QUEUED.value,
        periods=list(periods),
        outcomes={},
        requested_by=session.circumstances.actor.name,
        plan_id=plan_id,
    )
    session.add(run)
    await session.flush()
    await session.refresh(run)
    announce_after_commit(session, "run", describe(run))
    return run


def is_over(run: Run) -> bool:
    return RunStatus(run.status).is_final


def note_start(session: WriteSession, run: Run) -> None:
    """A worker is at work on the run."""
    run.status = RunStatus.RUNNING.value
    run.started_at = run.started_at or clock.now()
    announce_after_commit(session, "run", describe(run))


async def note_progress(session: WriteSession, run_id: UUID, done: int, total: int) -> None:
    run = await repository.lock_run(session, run_id)
    if run is not None:
        run.done, run.total = done, total
        announce_after_commit(session, "run", describe(run))


async def add_outcomes(session: WriteSession, run_id: UUID, outcomes: Outcomes) -> None:
    """Add counts and amounts to what the run has reported so far."""
    run = await repository.lock_run(session, run_id)
    if run is not None and outcomes:
        total = sum_outcomes(_outcomes.validate_python(run.outcomes), outcomes)
        run.outcomes = _outcomes.dump_python(total, mode="json")


async def finish_run(session: WriteSession, run_id: UUID, status: RunStatus, error: str = "") -> None:
    """End a run once; later endings change nothing."""
    run = await repository.lock_run(session, run_id)
    if run is None or is_over(run):
        return
    run.status, run.error, run.finished_at = status.value, error, clock.now()
    seconds = Decimal(str((run.finished_at - (run.started_at or run.created_at)).total_seconds())).quantize(TENTH)
    fact = RunFinished(
        run_id=run_id,
        kind=RunKind(run.kind),
        status=status,
        seconds=max(seconds, Decimal(0)),
        outcomes=_outcomes.validate_python(run.outcomes),
        error=error,
    )
    await bus.publish(session, fact, subject=f"run/{run_id}")
    announce_after_commit(session, "run", describe(run))


def sum_outcomes(first: Outcomes, second: Outcomes) -> Outcomes:
    """Counts and amounts added, name by name, currency by currency."""
    return {name: _sum_tallies(first.get(name), second.get(name)) for name in sorted({*first, *second})}


def _sum_tallies(first: Tally | None, second: Tally | None) -> Tally:
    tallies = [tally for tally in (first, second) if tally is not None]
    return Tally(
        count=sum(tally.count for tally in tallies), amounts=_sum_amounts([tally.amounts for tally in tallies])
    )


def _sum_amounts(amounts: Sequence[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    currencies = sorted({currency for each in amounts for currency in each})
    return {currency: sum((each.get(currency, Decimal(0)) for each in amounts), Decimal(0)) for currency in currencies}
