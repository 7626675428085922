"""Runs as people and programs see them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.contracts.shapes import Outcomes
from services.contracts.vocabulary import RunKind, RunStatus


class Progress(BaseModel):
    """Done of what is known so far: invoices of a load, steps of a plan, operations of a push."""

    done: int
    total: int


class RunOut(BaseModel):
    """One long job. `error` is empty unless it failed; `plan_id` is the plan that it computes or applies.

    `receipt_id` is a run id once a push is proven.
    """

    id: UUID
    kind: RunKind
    status: RunStatus
    periods: list[str]
    progress: Progress
    outcomes: Outcomes
    error: str
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    plan_id: UUID | None
    receipt_id: UUID | None
