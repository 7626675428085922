"""Reading every agreement on which additions of ours stand, and noting those that stand twice.

Agreements are read in groups. What a group was found to hold is recorded in one transaction with the checkpoint,
so that a worker that dies costs one group, and no finding is said twice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.contracts.events.sync import TroubleNoted
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import Outcomes, Tally
from services.contracts.vocabulary import LogLevel, RunStatus
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger import bus
from services.kit.ledger.work import JobContext
from services.sync.additions import repository as additions
from services.sync.additions.reading import read_some
from services.sync.additions.written import Written, known_values
from services.sync.examinations.judge import Examined, Place, examine, name_place
from services.sync.mirrors.repository import find_agreements
from services.sync.plans import service as plans
from services.sync.runs import parts
from services.sync.runs import repository as run_rows
from services.sync.runs import service as runs
from services.sync.runs.models import Run
from services.sync.upstreams import Upstreams

STEP = "additions"
GROUP = 50  # agreements between two commits: about five seconds at 600 calls a minute
MOST_NAMED = 20
"""Agreements that cannot be read and are named under System Logs; the others are counted."""
AGREEMENTS, ADDITIONS, TWINS = "agreements_examined", "additions_examined", "twins"
UNREAD_AGREEMENTS, UNREAD_ADDITIONS = "agreements_unreadable", "additions_unreadable"


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a group of agreements before they are read."""

    written: Sequence[Written]
    markers: Mapping[str, set[str]]
    """Agreement → markers of ours: written there, or perhaps written by a create that was never answered."""
    places: Mapping[str, Place]
    next_invoices: Mapping[str, date | None]


async def examine_agreements(context: JobContext[Upstreams], run_id: UUID) -> None:
    """Examine every agreement on which we know additions of ours, as a step of a run.

    Raises:
        UpstreamError: the PSA does not answer, or refuses everybody.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        psa = await context.resources.open_psa(session)
        everything = sorted(await additions.list_our_agreements(session))
        step = await run_rows.find_step(session, run_id, STEP)
        after = step.checkpoint.get("after", "") if step is not None else ""
    left = [each for each in everything if each > after]
    for start in range(0, len(left), GROUP):
        group = left[start : start + GROUP]
        async with context.reading() as session:
            known = await _gather(session, group)
        states, _ = await read_some(psa, group, known_values(known.written), known.next_invoices)
        examined = [
            examine(states[each], known.markers[each], known.places[each], known.next_invoices.get(each))
            for each in group
        ]
        async with context.writing() as session:
            await _record(session, run_id, examined)
            done = len(everything) - len(left) + start + len(group)
            await runs.note_progress(session, run_id, done, len(everything))


async def _gather(session: ReadSession, group: Collection[str]) -> Known:
    written = await additions.list_written(session, group)
    markers: dict[str, set[str]] = {each: set() for each in group}
    names: dict[str, Mapping[str, str]] = {}
    for each in written:
        markers[each.agreement_id].add(each.marker)
        names[each.agreement_id] = each.names
    for marker, create in (await additions.list_unresolved(session, group)).items():
        markers[create.agreement_id].add(marker)
    mirrored = {each.external_id: each for each in await find_agreements(session, group)}
    titles = {agreement_id: record.name for agreement_id, record in mirrored.items()}
    return Known(
        written=written,
        markers=markers,
        places={each: name_place(each, names.get(each, {}), titles.get(each, "")) for each in group},
        next_invoices={
            agreement_id: AgreementTerms(record.agreement).open_from if record.agreement else None
            for agreement_id, record in mirrored.items()
        },
    )


async def _record(session: WriteSession, run_id: UUID, examined: Sequence[Examined]) -> None:
    """Keep what a group was found to hold, say what stands twice, and make plans old that do not know of it."""
    step = await parts.lock_step(session, run_id)
    troubles = [f"{each.place}: {each.trouble}" for each in examined if each.trouble]
    named = [*step.checkpoint.get("unreadable", []), *troubles][:MOST_NAMED]
    step.checkpoint = {"after": examined[-1].place.agreement_id, "unreadable": named}
    await runs.add_outcomes(session, run_id, _count(examined))
    readable = [each.place.agreement_id for each in examined if not each.trouble]
    findings = [finding for each in examined for finding in each.findings]
    await additions.note_twins(session, readable, [each.marker for each in findings])
    for each in findings:
        ids = [one.id for one in each.carriers]
        await plans.note_twins(session, each.place.agreement_id, ids, each.describe())
    title = "A charge would be billed twice"
    notes = [
        TroubleNoted(level=LogLevel.WARNING, title=title, details=each.describe(), run_id=run_id) for each in findings
    ]
    await bus.publish_all(session, [(note, f"run/{run_id}") for note in notes])


def _count(examined: Sequence[Examined]) -> Outcomes:
    readable = [each for each in examined if not each.trouble]
    counts = {
        AGREEMENTS: len(readable),
        ADDITIONS: sum(each.additions for each in readable),
        TWINS: sum(len(each.findings) for each in readable),
        UNREAD_AGREEMENTS: len(examined) - len(readable),
        UNREAD_ADDITIONS: sum(each.unreadable for each in readable),
    }
    return {name: Tally(count=count) for name, count in counts.items()}


async def conclude(session: WriteSession, run: Run) -> None:
    """End the examination. It failed only when no agreement at all could be read; others that could not are named."""
    outcomes = runs.describe(run).outcomes
    unread = outcomes.get(UNREAD_AGREEMENTS, Tally(count=0)).count
    if not unread:
        await runs.finish_run(session, run.id, RunStatus.SUCCEEDED)
        return
    step = await run_rows.find_step(session, run.id, STEP)
    named: list[str] = step.checkpoint.get("unreadable", []) if step is not None else []
    if not outcomes[AGREEMENTS].count:
        await runs.finish_run(session, run.id, RunStatus.FAILED, f"No agreement could be read. {named[0]}")
        return
    rest = [f"… and {unread - len(named)} more."] if unread > len(named) else []
    title = f"{unread} {'agreement' if unread == 1 else 'agreements'} could not be checked for duplicates"
    details = "\n".join([*named, *rest])
    fact = TroubleNoted(level=LogLevel.WARNING, title=title, details=details, run_id=run.id)
    await bus.publish(session, fact, subject=f"run/{run.id}")
    await runs.finish_run(session, run.id, RunStatus.SUCCEEDED)
