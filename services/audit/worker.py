"""Audit's job process: `python -m services.audit.worker`."""

from services.audit.handlers.on_every_event import record_event
from services.audit.settings import AuditSettings
from services.kit.base.settings import read_settings
from services.kit.ledger.worker import ServiceWorker, run

if __name__ == "__main__":
    run(ServiceWorker("audit", record_event), read_settings(AuditSettings))
