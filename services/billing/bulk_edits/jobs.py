"""The jobs that bulk edits order: previews and changes of many lines take longer than a request may."""

from typing import ClassVar
from uuid import UUID

from services.kit.base.db import WriteSession
from services.kit.ledger.jobs import Job, order

JOBS_QUEUE = "billing.runs"


class WorkOnBulkEdit(Job):
    """Do what the status of a bulk edit says is under way."""

    name: ClassVar[str] = "billing.bulk_edit.work"
    bulk_edit_id: UUID
    reason_above: int | None = None
    """The limit that holds, so that what the job announces says whether a reason is needed."""


async def order_work(session: WriteSession, bulk_edit_id: UUID, reason_above: int | None) -> None:
    job = WorkOnBulkEdit(bulk_edit_id=bulk_edit_id, reason_above=reason_above)
    await order(session, JOBS_QUEUE, job, f"bulk-edit/{bulk_edit_id}")
