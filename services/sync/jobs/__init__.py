"""Long work that sync set itself, a file each; this table is what the worker serves as consumer `sync.runs`."""

from services.contracts.events.sync import (
    LoadPrepared,
    LoadRequested,
    MirrorRequested,
    PlanAssembled,
    PlanRequested,
    PushRequested,
)
from services.kit.ledger.work import Jobs
from services.sync.jobs import (
    on_sync_load_prepared,
    on_sync_load_requested,
    on_sync_mirror_requested,
    on_sync_plan_assembled,
    on_sync_plan_requested,
    on_sync_push_requested,
)

JOBS: Jobs = {
    LoadPrepared: on_sync_load_prepared.work,
    LoadRequested: on_sync_load_requested.work,
    MirrorRequested: on_sync_mirror_requested.work,
    PlanAssembled: on_sync_plan_assembled.work,
    PlanRequested: on_sync_plan_requested.work,
    PushRequested: on_sync_push_requested.work,
}
