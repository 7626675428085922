"""Reads an edited file into what it wants of each line, and what of it is refused. A step before the preview.

It is read in a thread, row by row, and held against the lines batch by batch, so that memory holds no more than a batch
beside the file. Reading it again after a crash begins anew; nothing changes a line before the edit is applied.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from services.billing.bulk_edits import repository, service
from services.billing.bulk_edits.changes import ValuesPerLine
from services.billing.bulk_edits.errors import CannotBeDone
from services.billing.bulk_edits.models import BulkEditRow
from services.billing.bulk_edits.schemas import MOST_LINES, ImportedFile
from services.billing.line_files.examining import Examined, WantedLine, examine, identify, refuse_value
from services.billing.line_files.export import name_lines
from services.billing.line_files.reading import FileUnreadable, RawRow, read_rows
from services.billing.line_files.refusals import RefusedCell
from services.billing.line_files.repository import find_shown
from services.billing.mirrors import repository as references
from services.billing.rules.editable import EDITABLE
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.work import JobContext

BATCH = 1_000  # rows in memory at a time
MOST_REFUSED = 10_000  # refused cells that are kept; all are counted

Part = Sequence[RawRow | RefusedCell]


@dataclass(slots=True)
class _Reading:
    """A file that is being read."""

    file: ImportedFile
    seen: dict[UUID, int] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    kept: int = 0


async def read_file(context: JobContext[None], row: BulkEditRow) -> None:
    """Read the file of a bulk edit, if it has one that was not read yet. CannotBeDone where it brings nothing."""
    file = service.file_of(row)
    if file is None:
        return
    reading = _Reading(file)
    if not file.is_read:
        async with context.writing() as session:
            content = await repository.find_file(session, row.id)
            await repository.forget_reading(session, row.id)
        try:
            async for part in _in_parts(read_rows(content or b"", file.format)):
                await _take(context, row.id, reading, part)
        except FileUnreadable as fault:
            raise CannotBeDone(str(fault)) from fault
        await _finish(context, row, reading)
    if not reading.file.lines:
        raise CannotBeDone(_explain_nothing(reading.file))


async def _in_parts(rows: Iterator[RawRow | RefusedCell]) -> AsyncIterator[Part]:
    while part := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
        yield part


async def _take(context: JobContext[None], bulk_edit_id: UUID, reading: _Reading, part: Part) -> None:
    found = Examined(refused=[each for each in part if isinstance(each, RefusedCell)])
    named = identify((each for each in part if isinstance(each, RawRow)), reading.seen, found)
    async with context.writing() as session:
        shown = await find_shown(session, [line_id for _, line_id in named])
        lines = {line["id"]: line for line in await name_lines(session, list(shown.values()))}
        await asyncio.to_thread(examine, named, lines, reading.file.period, found)
        await _refuse_unknown_records(session, found)
        await _keep(session, bulk_edit_id, reading, found)
    if reading.file.rows > MOST_LINES:
        raise CannotBeDone(f"The file has more than {MOST_LINES:,} rows. Import it in parts.")


async def _refuse_unknown_records(session: ReadSession, found: Examined) -> None:
    """Refuse ids of records that the PSA does not have, as far as the mirror knows."""
    for name, each in EDITABLE.items():
        asked = {str(wanted.changes[name]) for wanted in found.wanted if wanted.changes.get(name)}
        if each.refers_to is None or not asked:
            continue
        known = await references.find(session, each.refers_to, sorted(asked))
        psa = (await references.find_traits(session)).label
        for wanted in found.wanted:
            value = wanted.changes.get(name)
            if value and value not in known:
                words = f"There is no {each.refers_to.value.replace('_', ' ')} {value} in {psa}."
                found.refused.append(refuse_value(wanted, name, words))
                del wanted.changes[name]


async def _keep(session: WriteSession, bulk_edit_id: UUID, reading: _Reading, found: Examined) -> None:
    wanted: list[WantedLine] = [each for each in found.wanted if each.changes]
    refused = found.refused[: MOST_REFUSED - reading.kept]
    await repository.add_values(session, bulk_edit_id, [(each.line_id, each.version, each.changes) for each in wanted])
    await repository.add_refused(session, bulk_edit_id, refused, reading.kept + 1)
    reading.kept += len(refused)
    reading.edited |= {name for each in wanted for name in each.changes}
    file = reading.file
    reading.file = file.model_copy(
        update={
            "rows": file.rows + found.rows,
            "unchanged": file.unchanged + found.unchanged,
            "lines": file.lines + len(wanted),
            "cells": file.cells + sum(len(each.changes) for each in wanted),
            "refused": file.refused + len(found.refused),
        }
    )
    await repository.note_progress(session, bulk_edit_id, reading.file.rows, 0)


async def _finish(context: JobContext[None], row: BulkEditRow, reading: _Reading) -> None:
    reading.file = reading.file.model_copy(update={"is_read": True})
    change = ValuesPerLine(kind="values", edited=service.in_order(reading.edited), lines=reading.file.lines)
    async with context.writing() as session:
        kept = await repository.lock(session, row.id)
        if kept is None:
            raise CannotBeDone(f"The bulk edit {row.id} is gone.")
        kept.file, kept.changes = reading.file.model_dump(mode="json"), [change.model_dump(mode="json")]
        await repository.forget_file(session, row.id)
    row.file, row.changes = kept.file, kept.changes


def _explain_nothing(file: ImportedFile) -> str:
    if file.refused:
        return f"The file changes nothing: {file.refused:,} cells or rows of it were refused."
    return f"The file changes nothing: all its {file.rows:,} lines are as they are here."
