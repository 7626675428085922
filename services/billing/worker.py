"""Billing's job process: `python -m services.billing.worker`."""

from services.billing.bulk_edits.jobs import WorkOnBulkEdit
from services.billing.bulk_edits.work import work_on_bulk_edit
from services.billing.handlers import HANDLERS
from services.billing.settings import BillingSettings
from services.kit.base.settings import read_settings
from services.kit.ledger.work import Jobs
from services.kit.ledger.worker import ServiceWorker, run

JOBS: Jobs = {WorkOnBulkEdit: work_on_bulk_edit}

if __name__ == "__main__":
    run(ServiceWorker("billing", HANDLERS, JOBS), read_settings(BillingSettings))
