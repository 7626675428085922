"""Effects of facts, a file each; this table is what the worker serves as consumer `billing`."""

from services.billing.handlers import (
    on_billing_mapping_changed,
    on_billing_rules_changed,
    on_sync_additions_pushed,
    on_sync_hand_billing_noted,
    on_sync_mirror_refreshed,
    on_sync_plan_prepared,
    on_sync_psa_described,
    on_sync_rows_loaded,
)
from services.contracts.events.billing import MappingChanged, RulesChanged
from services.contracts.events.sync import (
    AdditionsPushed,
    HandBillingNoted,
    MirrorRefreshed,
    PlanPrepared,
    PsaDescribed,
    RowsLoaded,
)
from services.kit.ledger.bus import Handlers

HANDLERS: Handlers = {
    AdditionsPushed: on_sync_additions_pushed.handle,
    HandBillingNoted: on_sync_hand_billing_noted.handle,
    MappingChanged: on_billing_mapping_changed.handle,
    MirrorRefreshed: on_sync_mirror_refreshed.handle,
    PlanPrepared: on_sync_plan_prepared.handle,
    PsaDescribed: on_sync_psa_described.handle,
    RulesChanged: on_billing_rules_changed.handle,
    RowsLoaded: on_sync_rows_loaded.handle,
}
