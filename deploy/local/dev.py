"""`make dev`: what `make run` runs, with each process started again when its code changes, and the app from Vite.

Not `uvicorn --reload`: it knows no workers, and one look at the tree here is cheaper than one in each process.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.local.installation import ROOT, Installation
from deploy.local.ports import LOOPBACK
from deploy.local.run import clear_the_way, running_product, say, say_where, until_interrupted, watch
from deploy.local.spa import install_packages
from deploy.local.supervisor import Child, Supervisor

SERVICES = ROOT / "services"
SHARED = {"contracts", "kit"}  # a change there concerns every process
VITE = ("frontend/node_modules/vite/bin/vite.js", "frontend", f"--host={LOOPBACK}", "--strictPort")


def main() -> None:
    until_interrupted(develop)


def develop(installation: Installation) -> None:
    """Start everything, then watch both the processes and the code until interrupted."""
    clear_the_way(installation)
    install_packages()
    with running_product(installation) as (backends, supervisor):
        supervisor.start(vite(installation))
        say_where(installation)
        say(f"  The app as you edit it is at {installation.address('vite')}\n")
        watch(backends, supervisor, Reloading(supervisor, SERVICES).look)


def vite(installation: Installation) -> Child:
    """Vite's own server, which sends `/api` on to the gateway."""
    command = [str(Path(sys.executable).parent / "node"), *VITE, f"--port={installation.port('vite')}"]
    environment = {**installation.environment, "TIEOUT_GATEWAY": installation.address("gateway")}
    return Child("vite", command, environment, installation.logs / "vite.log")


class Reloading:
    """Looks at the times of all Python files below `services`, and restarts the processes of what has changed."""

    def __init__(self, supervisor: Supervisor, services: Path) -> None:
        self._supervisor = supervisor
        self._services = services
        self._times = dict(self._read_times())

    def look(self) -> list[str]:
        """One look; a sentence if something was restarted."""
        before, self._times = self._times, dict(self._read_times())
        changed = {path.parts[0] for path, _ in before.items() ^ self._times.items()}
        children = [child for child in self._supervisor.children if concerns(changed, child.name)]
        if not children:
            return []
        self._supervisor.restart(children)
        return [f"{' and '.join(sorted(changed))} changed: started {', '.join(child.name for child in children)} again"]

    def _read_times(self) -> Iterator[tuple[Path, int]]:
        for path in self._services.rglob("*.py"):
            yield path.relative_to(self._services), path.stat().st_mtime_ns


def concerns(changed: set[str], process: str) -> bool:
    """Whether a process has to load anew after files of these rooms changed; its name begins with its own room."""
    room = process.partition("-")[0]
    return room in changed or (bool(changed & SHARED) and (SERVICES / room).is_dir())


if __name__ == "__main__":
    main()
