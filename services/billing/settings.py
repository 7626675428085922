"""What billing is told from outside."""

from services.kit.base.settings import ServiceSettings


class BillingSettings(ServiceSettings):
    """What billing needs beside what every service needs."""

    bulk_edit_reason_above: int | None = None
    """Bulk edits that change more lines than this need a reason; None asks for none."""
