"""Sync's tables whose old rows go, in the order in which they may: parts before wholes."""

from services.kit.ledger.retention import Retention
from services.sync.retention import repository
from services.sync.runs.models import RunStep, StepPart
from services.sync.settings import SyncSettings


def retentions(settings: SyncSettings) -> list[Retention]:
    rows, steps, plans = settings.keep_load_rows_days, settings.keep_steps_days, settings.keep_unapplied_plans_days
    return [
        Retention("sync.invoice_row", rows, repository.purge_invoice_rows),
        Retention("sync.load_invoice", rows, repository.purge_load_invoices),
        *(
            Retention(f"sync.{model.__tablename__}", steps, repository.purge_steps(model))
            for model in (StepPart, RunStep)
        ),
        Retention("sync.scheduled_night", steps, repository.purge_nights),
        *(
            Retention(f"sync.{model.__tablename__}", plans, repository.purge_parts_of_plans(model))
            for model in repository.PARTS_OF_PLANS
        ),
        Retention("sync.plan", plans, repository.purge_plans),
    ]
