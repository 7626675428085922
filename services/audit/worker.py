"""Audit's job process: `python -m services.audit.worker`. It also purges the ledger, which audit reads whole."""

from services.audit.handlers.on_every_event import record_event
from services.audit.settings import AuditSettings
from services.audit.system_log.service import retention_of_log
from services.kit.base.settings import read_settings
from services.kit.ledger.retention import retentions_of_bus
from services.kit.ledger.worker import ServiceWorker, run


def build_worker(settings: AuditSettings) -> ServiceWorker:
    retentions = [
        retention_of_log(),
        *retentions_of_bus(settings.keep_events_days, settings.keep_idempotency_days),
    ]
    return ServiceWorker("audit", record_event, retentions=retentions)


if __name__ == "__main__":
    settings = read_settings(AuditSettings)
    run(build_worker(settings), settings)
