"""What billing is told from outside."""

from services.kit.settings import ServiceSettings


class BillingSettings(ServiceSettings):
    """Billing needs no more than every service."""
