"""Billing's job process: `python -m services.billing.worker`."""

from services.billing.handlers.on_billing_mapping_changed import follow_changed_mapping
from services.billing.handlers.on_sync_additions_pushed import settle_pushed_additions
from services.billing.handlers.on_sync_mirror_refreshed import take_refreshed_mirror
from services.billing.handlers.on_sync_plan_prepared import answer_prepared_plan
from services.billing.handlers.on_sync_psa_described import keep_traits
from services.billing.handlers.on_sync_rows_loaded import rate_loaded_rows
from services.billing.settings import BillingSettings
from services.contracts.events.billing import MappingChanged
from services.contracts.events.sync import AdditionsPushed, MirrorRefreshed, PlanPrepared, PsaDescribed, RowsLoaded
from services.kit.base.settings import read_settings
from services.kit.ledger.bus import Handlers
from services.kit.ledger.worker import ServiceWorker, run

HANDLERS: Handlers = {
    MirrorRefreshed: take_refreshed_mirror,
    RowsLoaded: rate_loaded_rows,
    PlanPrepared: answer_prepared_plan,
    AdditionsPushed: settle_pushed_additions,
    MappingChanged: follow_changed_mapping,
    PsaDescribed: keep_traits,
}

if __name__ == "__main__":
    run(ServiceWorker("billing", HANDLERS), read_settings(BillingSettings))
