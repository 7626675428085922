"""Effects of other services' facts, a file each; this table is what the worker serves as consumer `sync`."""

from services.contracts.events.billing import (
    AdditionsDesired,
    LineEdited,
    LinesEdited,
    LinesRated,
    LinesSettled,
    MappingChanged,
    MirrorTaken,
    RulesChanged,
)
from services.contracts.events.sync import PeriodCompleted
from services.kit.ledger.bus import Handlers
from services.sync.handlers import (
    on_billing_additions_desired,
    on_billing_line_edited,
    on_billing_lines_edited,
    on_billing_lines_rated,
    on_billing_lines_settled,
    on_billing_mapping_changed,
    on_billing_mirror_taken,
    on_billing_rules_changed,
    on_sync_period_completed,
)

HANDLERS: Handlers = {
    AdditionsDesired: on_billing_additions_desired.handle,
    LineEdited: on_billing_line_edited.handle,
    LinesEdited: on_billing_lines_edited.handle,
    LinesRated: on_billing_lines_rated.handle,
    LinesSettled: on_billing_lines_settled.handle,
    MappingChanged: on_billing_mapping_changed.handle,
    MirrorTaken: on_billing_mirror_taken.handle,
    RulesChanged: on_billing_rules_changed.handle,
    PeriodCompleted: on_sync_period_completed.handle,
}
