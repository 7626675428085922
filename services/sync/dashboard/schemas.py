"""The dashboard as people see it."""

from datetime import datetime

from pydantic import BaseModel

from services.contracts.vocabulary import MirrorKind
from services.sync.connections.schemas import ConnectionOut
from services.sync.loads.schemas import PeriodOut
from services.sync.runs.schemas import RunOut


class Freshness(BaseModel):
    """When one kind of record was last read whole, and how much of it there is."""

    kind: MirrorKind
    records: int
    unreadable: int
    refreshed_at: datetime


class DashboardOut(BaseModel):
    """Where everything stands. Runs are null before the first of their kind."""

    connections: list[ConnectionOut]
    last_mirror: RunOut | None
    last_load: RunOut | None
    last_push: RunOut | None
    periods: list[PeriodOut]
    mirrors: list[Freshness]
