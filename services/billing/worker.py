"""Billing's job process: `python -m services.billing.worker`."""

from services.billing.handlers.on_billing_mapping_changed import follow_changed_mapping
from services.billing.handlers.on_sync_additions_pushed import settle_pushed_additions
from services.billing.handlers.on_sync_mirror_refreshed import take_refreshed_mirror
from services.billing.handlers.on_sync_plan_prepared import answer_prepared_plan
from services.billing.handlers.on_sync_rows_loaded import rate_loaded_rows
from services.billing.settings import BillingSettings
from services.contracts.events.billing import MappingChanged
from services.contracts.events.sync import AdditionsPushed, MirrorRefreshed, PlanPrepared, RowsLoaded
from services.kit.bus import Handlers
from services.kit.settings import read_settings
from services.kit.worker import ServiceWorker, run

HANDLERS: Handlers = {
    MirrorRefreshed: take_refreshed_mirror,
    RowsLoaded: rate_loaded_rows,
    PlanPrepared: answer_prepared_plan,
    AdditionsPushed: settle_pushed_additions,
    MappingChanged: follow_changed_mapping,
}

if __name__ == "__main__":
    run(ServiceWorker("billing", HANDLERS), read_settings(BillingSettings))
