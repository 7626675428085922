"""The processes of the product, one row each: the same table in a terminal, in Compose and on a cluster."""

import sys
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Program:
    """One process.

    Args:
        name: of the process and of its log.
        room: which of `services/` it runs, and as whose database role.
        module: an ASGI app `package.main:app`, or a module to run.
        listens: key of its port in `installation.PORTS`; None for a worker.
    """

    name: str
    room: str
    module: str
    listens: str | None = None

    def command(self, host: str, port: int | None) -> list[str]:
        if port is None:
            return [sys.executable, "-m", self.module]
        # No access log: the gateway writes its own with the correlation id, which uvicorn does not know.
        options = ["--no-access-log", "--no-server-header", "--timeout-graceful-shutdown=5"]
        return [sys.executable, "-m", "uvicorn", self.module, f"--host={host}", f"--port={port}", *options]


PROGRAMS = (
    Program("sandbox-appxite", "sandbox", "services.sandbox.appxite.main:app", "appxite"),
    Program("sandbox-connectwise", "sandbox", "services.sandbox.connectwise.main:app", "connectwise"),
    Program("sync", "sync", "services.sync.main:app", "sync"),
    Program("sync-worker", "sync", "services.sync.worker"),
    Program("billing", "billing", "services.billing.main:app", "billing"),
    Program("billing-worker", "billing", "services.billing.worker"),
    Program("audit", "audit", "services.audit.main:app", "audit"),
    Program("audit-worker", "audit", "services.audit.worker"),
    Program("gateway", "gateway", "services.gateway.main:app", "gateway"),
)


def programs_with(sync_workers: int) -> tuple[Program, ...]:
    """PROGRAMS with as many workers of sync as asked for: `sync-worker`, `sync-worker-2`, and so on."""
    (worker,) = (program for program in PROGRAMS if program.name == "sync-worker")
    more = (replace(worker, name=f"{worker.name}-{number}") for number in range(2, sync_workers + 1))
    return (*PROGRAMS, *more)
