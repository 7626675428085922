"""The work on a bulk edit, as a job does it: preview, apply, undo, redo. What changes lines is one transaction.

The lines that a preview has seen are known by a digest of their ids and versions. Where it is another when the edit
is applied, nothing is changed: people approve what they have seen.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar
from uuid import UUID

from services.billing.bulk_edits import repository, service
from services.billing.bulk_edits.effects import find_effects, rate_anew
from services.billing.bulk_edits.errors import CannotBeDone
from services.billing.bulk_edits.importing import read_file
from services.billing.bulk_edits.jobs import WorkOnBulkEdit
from services.billing.bulk_edits.models import BulkEditRow
from services.billing.bulk_edits.preview import PreviewSum
from services.billing.bulk_edits.schemas import MOST_LINES, BulkEditStatus
from services.billing.lines import repository as lines
from services.billing.lines.decisions import repository as decisions
from services.billing.lines.decisions.comparing import compare, find_refused
from services.billing.lines.decisions.repository import Edit
from services.billing.lines.models import LINES
from services.billing.lines.stored import StoredLine
from services.billing.matching import is_one_of
from services.billing.mirrors import repository as references
from services.billing.rating.books import Needs, gather_books
from services.contracts.events.billing import LinesEdited
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.ledger.bus import publish
from services.kit.ledger.live import announce_after_commit
from services.kit.ledger.work import JobContext

BATCH = 2_000  # lines in memory at a time

ItemT = TypeVar("ItemT")
Versions = Sequence[tuple[UUID, int]]
"""Line and version, in the order of ids."""


class LinesMoved(CannotBeDone):
    """Lines were added, changed or removed since the preview."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What a job works with, and the limit that its announcements tell of."""

    context: JobContext[None]
    reason_above: int | None


async def work_on_bulk_edit(context: JobContext[None], job: WorkOnBulkEdit) -> None:
    """Do what its status says is under way. Repeating it is harmless: the status is changed with the lines."""
    async with context.reading() as session:
        row = await repository.find(session, job.bulk_edit_id)
    if row is None or not BulkEditStatus(row.status).is_at_work:
        return
    under_way = BulkEditStatus(row.status)
    work = _Work(context, job.reason_above)
    try:
        await _WORK[under_way](work, row)
    except CannotBeDone as fault:
        await _break_off(work, row.id, under_way, fault)


async def _preview(work: _Work, row: BulkEditRow) -> None:
    scope, found = service.scope_of(row), PreviewSum()
    await read_file(work.context, row)
    async with work.context.reading() as session:
        matching = await lines.list_matching(session, repository.lines_of(scope, row.id))
        _require_possible(matching)
        for ids in _in_batches(matching):
            batch = await lines.find_by_ids(session, ids)
            changes = await service.changes_of_batch(session, row, ids)
            found.add(await find_effects(session, batch, changes, scope.unless_changed_since))
            await _note_progress(work, row.id, found.matched, len(matching))
        names = await references.name_all(session, found.mentioned)
    async with work.context.writing() as session:
        kept = await _finish(session, row.id, BulkEditStatus.READY)
        kept.basis, kept.preview = _digest(matching), found.finish(names).model_dump(mode="json")
        await _announce(work, session, kept)


async def _apply(work: _Work, row: BulkEditRow) -> None:
    scope = service.scope_of(row)
    edit, touched = Edit(row.id, work.context.circumstances.actor.name, row.reason), _Touched()
    async with work.context.writing() as session:
        matching = await lines.lock_matching(session, repository.lines_of(scope, row.id))
        if _digest(matching) != row.basis:
            raise LinesMoved(await _say_what_moved(session, row, matching))
        done = 0
        for ids in _in_batches(matching):
            changes = await service.changes_of_batch(session, row, ids)
            batch = await lines.find_by_ids(session, ids)
            found = await find_effects(session, batch, changes, scope.unless_changed_since)
            await decisions.decide(session, edit, {each.before.id: each.values for each in found.changed})
            after = [each.after for each in found.changed]
            await lines.save(session, after)
            touched.add(after)
            done += len(ids)
            await _note_progress(work, row.id, done, len(matching))
        kept = await _finish(session, row.id, BulkEditStatus.APPLIED)
        kept.applied_at = clock.now()
        await _publish(work, session, kept, touched)


async def _say_what_moved(session: WriteSession, row: BulkEditRow, matching: Versions) -> str:
    """How many lines, and by whom as far as people did it. A line that matches no more is none of them."""
    moved = await repository.find_changed_since(session, [line_id for line_id, _ in matching], row.created_at)
    people = sorted({name for name in moved.values() if name})
    lines_changed = f"{len(moved):,} {'line' if len(moved) == 1 else 'lines'}" if moved else "Lines"
    who = f" ({', '.join(people)})" if people else ""
    return f"{lines_changed} changed since the preview was made{who}. Nothing was changed: look at a new preview."


async def _undo(work: _Work, row: BulkEditRow) -> None:
    await _switch(work, row, in_force=False)


async def _redo(work: _Work, row: BulkEditRow) -> None:
    await _switch(work, row, in_force=True)


async def _switch(work: _Work, row: BulkEditRow, *, in_force: bool) -> None:
    """Take all that the edit decided out of force, or put it back; what was decided since stays decided."""
    touched = _Touched()
    async with work.context.writing() as session:
        decided = await decisions.find_decided(session, row.id, in_force=not in_force)
        wanted = is_one_of(LINES.c.id, decided)
        matching = await lines.lock_matching(session, [wanted])
        before = [line for ids in _in_batches(matching) for line in await lines.find_by_ids(session, ids)]
        if not in_force:
            _require_not_sent_since(row, before)
        await decisions.switch(session, row.id, work.context.circumstances.actor.name, in_force=in_force)
        for batch in _in_slices(before):
            touched.add(await _take_effect(session, batch))
            await _note_progress(work, row.id, touched.lines, len(matching))
        kept = await _finish(session, row.id, BulkEditStatus.APPLIED if in_force else BulkEditStatus.UNDONE)
        kept.applied_at, kept.undone_at = (clock.now(), None) if in_force else (row.applied_at, clock.now())
        await _publish(work, session, kept, touched)


async def _take_effect(session: WriteSession, before: Sequence[StoredLine]) -> list[StoredLine]:
    """Rate and save lines whose decisions are others now; those for which that makes no difference stay."""
    now = {line.id: line for line in await lines.find_by_ids(session, [line.id for line in before])}
    books = await gather_books(session, Needs.of(before))
    moved = []
    for line in before:
        changes = compare(line.effective, now[line.id].effective)
        if refused := find_refused(line.line, changes, books[line.rules_version]):
            psa, name = books[line.rules_version].psa.label, line.line.organization_name
            raise CannotBeDone(f"{psa} has invoiced a line of {name}: {', '.join(refused)} can no longer be changed.")
        if changes:
            moved.append(now[line.id])
    after = await rate_anew(session, moved)
    await lines.save(session, after)
    return after


def _require_not_sent_since(row: BulkEditRow, found: Sequence[StoredLine]) -> None:
    since = row.applied_at
    sent = sum(1 for line in found if line.sent_at and since and line.sent_at > since)
    if sent:
        raise CannotBeDone(
            f"{sent} of {len(found)} lines were sent since: the edit can no longer be undone as a whole. "
            "Edit those lines, or clear their edits; the next plan then updates their additions."
        )


class _Touched:
    """What an edit changed, for the fact that tells it."""

    def __init__(self) -> None:
        self.lines = 0
        self.periods: set[str] = set()
        self.organizations: set[str] = set()

    def add(self, changed: Sequence[StoredLine]) -> None:
        self.lines += len(changed)
        self.periods |= {each.line.period for each in changed}
        self.organizations |= {each.line.organization_id for each in changed}


async def _finish(session: WriteSession, bulk_edit_id: UUID, status: BulkEditStatus) -> BulkEditRow:
    row = await repository.lock(session, bulk_edit_id)
    if row is None:
        raise CannotBeDone(f"The bulk edit {bulk_edit_id} is gone.")
    row.status = status.value
    return row


async def _publish(work: _Work, session: WriteSession, row: BulkEditRow, touched: _Touched) -> None:
    fields = sorted({name for change in service.changes_of(row) for name in change.fields})
    fact = LinesEdited(
        bulk_edit_id=row.id,
        periods=sorted(touched.periods),
        lines=touched.lines,
        customers=len(touched.organizations),
        fields=fields,
        reason=row.reason,
        is_undo=row.status == BulkEditStatus.UNDONE.value,
    )
    await publish(session, fact, subject=f"bulk-edit/{row.id}")
    await _announce(work, session, row)


async def _announce(work: _Work, session: WriteSession, row: BulkEditRow) -> None:
    await session.flush()
    announce_after_commit(session, "bulk_edit", service.describe(row, work.reason_above))


async def _note_progress(work: _Work, bulk_edit_id: UUID, done: int, total: int) -> None:
    """In a transaction of its own: the one that changes lines is seen by nobody before it is whole."""
    async with work.context.writing() as session:
        await repository.note_progress(session, bulk_edit_id, done, total)
        row = await repository.find(session, bulk_edit_id)
        if row is not None:
            announce_after_commit(session, "bulk_edit", service.describe(row, work.reason_above))


async def _break_off(work: _Work, bulk_edit_id: UUID, under_way: BulkEditStatus, fault: CannotBeDone) -> None:
    """Nothing was changed: say why, in the status that it had, or as a failure of its preview."""
    back = {BulkEditStatus.UNDOING: BulkEditStatus.APPLIED, BulkEditStatus.REDOING: BulkEditStatus.UNDONE}
    status = BulkEditStatus.STALE if isinstance(fault, LinesMoved) else back.get(under_way, BulkEditStatus.FAILED)
    async with work.context.writing() as session:
        row = await repository.lock(session, bulk_edit_id)
        if row is not None and row.status == under_way.value:
            row.status, row.error = status.value, fault.detail
            await _announce(work, session, row)


def _require_possible(matching: Versions) -> None:
    if not matching:
        raise CannotBeDone("No line matches.")
    if len(matching) > MOST_LINES:
        raise CannotBeDone(
            f"{len(matching):,} lines match; one edit changes at most {MOST_LINES:,}. Narrow the filter."
        )


def _digest(matching: Versions) -> str:
    spelled = blake2b(digest_size=32)
    for line_id, version in matching:
        spelled.update(line_id.bytes + version.to_bytes(4, "big"))
    return spelled.hexdigest()


def _in_batches(matching: Versions) -> Iterator[list[UUID]]:
    for some in _in_slices(matching):
        yield [line_id for line_id, _ in some]


def _in_slices(items: Sequence[ItemT]) -> Iterator[Sequence[ItemT]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


_WORK: dict[BulkEditStatus, Callable[[_Work, BulkEditRow], Awaitable[None]]] = {
    BulkEditStatus.PREVIEWING: _preview,
    BulkEditStatus.APPLYING: _apply,
    BulkEditStatus.UNDOING: _undo,
    BulkEditStatus.REDOING: _redo,
}
