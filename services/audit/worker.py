"""Audit's job process: `python -m services.audit.worker`."""

from services.audit.handlers.on_every_fact import record_fact
from services.audit.settings import AuditSettings
from services.contracts.routes import ROUTES
from services.kit.base.settings import read_settings
from services.kit.ledger.bus import Handlers
from services.kit.ledger.worker import ServiceWorker, run

HANDLERS: Handlers = {fact: record_fact for fact, consumers in ROUTES.items() if "audit" in consumers}

if __name__ == "__main__":
    run(ServiceWorker("audit", HANDLERS, in_short=True), read_settings(AuditSettings))
