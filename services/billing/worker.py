"""Billing's job process: `python -m services.billing.worker`."""

from services.billing.handlers import HANDLERS
from services.billing.settings import BillingSettings
from services.kit.base.settings import read_settings
from services.kit.ledger.worker import ServiceWorker, run

if __name__ == "__main__":
    run(ServiceWorker("billing", HANDLERS), read_settings(BillingSettings))
