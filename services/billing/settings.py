"""What billing is told from outside."""

from services.kit.base.settings import ServiceSettings


class BillingSettings(ServiceSettings):
    """Billing needs no more than every service."""
