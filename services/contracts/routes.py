"""The whole map of events on one screen: which fact goes to which consumers.

A consumer is a queue. `sync`, `billing` and `audit` make a fact's effect in one short transaction. What takes
longer is no fact but a job, which a service orders of itself (`kit.ledger.jobs`) and does on a queue of its own.
"""

from services.contracts.envelope import Event
from services.contracts.events import audit, billing, gateway, sync

ROUTES: dict[type[Event], tuple[str, ...]] = {
    sync.ConnectionSaved: ("audit",),
    sync.PsaDescribed: ("billing", "audit"),
    sync.MirrorRefreshed: ("billing", "audit"),
    sync.RowsLoaded: ("billing", "audit"),
    sync.InvoiceQuarantined: ("audit",),
    sync.PlanPrepared: ("billing", "audit"),
    sync.PlanComputed: ("audit",),
    sync.AdditionDecided: ("audit",),
    sync.HandBillingNoted: ("billing", "audit"),
    sync.PeriodCompleted: ("sync", "audit"),
    sync.AdditionsPushed: ("billing", "audit"),
    sync.RunStarted: ("audit",),
    sync.RunFinished: ("audit",),
    sync.TroubleNoted: ("audit",),
    billing.MirrorTaken: ("sync", "audit"),
    billing.LinesRated: ("sync", "audit"),
    billing.AdditionsDesired: ("sync", "audit"),
    billing.LinesSettled: ("sync", "audit"),
    billing.LineEdited: ("sync", "audit"),
    billing.LinesEdited: ("sync", "audit"),
    billing.LineViewChanged: ("audit",),
    billing.MappingChanged: ("sync", "billing", "audit"),
    billing.RulesChanged: ("sync", "billing", "audit"),
    gateway.SessionOpened: ("audit",),
    gateway.SessionClosed: ("audit",),
    gateway.TokenIssued: ("audit",),
    gateway.TokenRevoked: ("audit",),
    audit.DeliveriesRetried: ("audit",),
}

EVENT_TYPES: dict[str, type[Event]] = {fact.type: fact for fact in ROUTES}
CONSUMERS: frozenset[str] = frozenset(consumer for consumers in ROUTES.values() for consumer in consumers)
