"""The gateway's settings."""

from pathlib import Path

from services.kit.base.settings import ServiceSettings

ROOT = Path(__file__).parents[2]


class GatewaySettings(ServiceSettings):
    """Addresses of the services behind it, and of what it serves itself."""

    sync_url: str = "http://127.0.0.1:8101"
    billing_url: str = "http://127.0.0.1:8102"
    audit_url: str = "http://127.0.0.1:8103"
    spa_dir: Path | None = None
    """The built front end; without it only the API is served."""
    openapi_file: Path = ROOT / "openapi.yaml"
    forward_seconds: float = 30.0
    """How long a service may take to begin its answer, and between two parts of it."""

    def service_urls(self) -> dict[str, str]:
        return {"sync": self.sync_url, "billing": self.billing_url, "audit": self.audit_url}
