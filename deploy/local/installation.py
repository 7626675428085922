"""Where a local installation keeps its things, where it listens, and what each process is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit

from deploy.local.keys import load_keys
from deploy.local.ports import LOOPBACK
from services.kit.base.tenancy import SERVICE_ROLES

ROOT = Path(__file__).parents[2]
DATABASE = "tieout"
DEMO_EMAIL = "owner@demo.tieout.local"
PORTS = {
    "gateway": 8080,
    "sync": 8101,
    "billing": 8102,
    "audit": 8103,
    "appxite": 8091,
    "connectwise": 8092,
    "vite": 5173,
}

# glibc opens a heap per thread and core, and returns none of them: two keep eight idle processes small.
_FRUGAL = {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
# Of the stand-in: as many decimals of a price as were seen of ConnectWise.
_AS_SEEN = {"TIEOUT_SANDBOX_PRICE_SCALE": "4"}


@dataclass(frozen=True)
class Installation:
    """One installation, in `folder`. `environment` is what the person who started it set."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @classmethod
    def here(cls) -> "Installation":
        return cls(Path(os.environ.get("TIEOUT_LOCAL_DIR") or ROOT / ".local").resolve())

    @cached_property
    def keys(self) -> dict[str, str]:
        return load_keys(self.folder / "secrets.env", self.environment)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def given_database_url(self) -> str | None:
        """A real server instead of ours: the address of the database's owner."""
        url = self.environment.get("TIEOUT_DATABASE_URL") or self.environment.get("DATABASE_URL")
        if not url:
            return None
        scheme, _, rest = url.partition("://")
        return f"{scheme.partition('+')[0]}://{rest}"

    @property
    def given_redis_url(self) -> str | None:
        return self.environment.get("TIEOUT_REDIS_URL") or self.environment.get("REDIS_URL")

    def port(self, name: str) -> int:
        """`PORT` for the gateway, `TIEOUT_SYNC_PORT` and so on for the others."""
        given = self.environment.get("PORT") if name == "gateway" else None
        return int(given or self.environment.get(self.port_setting(name)) or PORTS[name])

    @property
    def sync_workers(self) -> int:
        """`SYNC_WORKERS`: how many processes share sync's long work."""
        return int(self.environment.get("SYNC_WORKERS") or 1)

    @staticmethod
    def port_setting(name: str) -> str:
        return "PORT" if name == "gateway" else f"TIEOUT_{name.upper()}_PORT"

    def address(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.port(name)}"

    def environment_of(self, room: str, database_url: str, redis_url: str) -> dict[str, str]:
        """What a process of `room` is told: its own role, and only the keys it uses."""
        told = {name: value for name, value in self.environment.items() if not name.startswith("TIEOUT_DB_PASSWORD_")}
        told = _FRUGAL | {"TIEOUT_LOG_FORMAT": "text"} | told | self._addresses()
        if room == "sandbox":
            return _AS_SEEN | told
        told["TIEOUT_DATABASE_URL"] = self.as_role(database_url, room)
        told["TIEOUT_REDIS_URL"] = redis_url
        told["TIEOUT_INTERNAL_KEY"] = self.keys["TIEOUT_INTERNAL_KEY"]
        if room == "sync":
            told["TIEOUT_SEALING_KEYS"] = self.keys["TIEOUT_SEALING_KEYS"]
        return told

    def _addresses(self) -> dict[str, str]:
        services = {f"TIEOUT_{room.upper()}_URL": self.address(room) for room in ("sync", "billing", "audit")}
        folders = {"TIEOUT_SANDBOX_DIR": self.folder / "sandbox", "TIEOUT_SPA_DIR": ROOT / "frontend" / "dist"}
        return services | {name: self.environment.get(name) or str(folder) for name, folder in folders.items()}

    def as_role(self, owner_url: str, room: str) -> str:
        """The owner's address with the role and password of one service."""
        parts = urlsplit(owner_url)
        host = parts.netloc.rpartition("@")[2]
        password = quote(self.keys[f"TIEOUT_DB_PASSWORD_{room.upper()}"], safe="")
        return parts._replace(netloc=f"{SERVICE_ROLES[room]}:{password}@{host}").geturl()
