"""Audit's settings."""

from services.kit.base.settings import ServiceSettings


class AuditSettings(ServiceSettings):
    """Audit needs no more than every service."""
