"""`make run`: the whole product on this machine, until Ctrl-C.

Servers, migrations, processes, demo, address: in that order, and backwards when it stops. Everything it
keeps is in `.local/`; a second start finds it there. `make reset` forgets it.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType

from deploy.local.backends import Backends, running_backends
from deploy.local.installation import DEMO_EMAIL, ROOT, Installation
from deploy.local.ports import LOOPBACK, PortIsTaken, is_free
from deploy.local.process import ServerDidNotStart, tail
from deploy.local.supervisor import Child, Supervisor, end_leftovers
from deploy.programs import PROGRAMS, programs_with

HEALTHY_SECONDS = 90.0  # eight interpreters that compile their imports for the first time, on two cores
LOOK_EVERY = 0.2


class CannotRun(Exception):
    """The product cannot start here; the message says why and what to do."""


def main() -> None:
    until_interrupted(run)


def until_interrupted(start: Callable[[Installation], None]) -> None:
    """Run the installation of this folder; however that ends, a person reads a sentence and no traceback."""
    # A shell that starts us in the background has Ctrl-C's signal ignored; sent on purpose, it stops us all the same.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    installation = Installation.here()
    try:
        with only_one_run(installation):
            start(installation)
    except KeyboardInterrupt:
        say("stopped")
    except (CannotRun, PortIsTaken, ServerDidNotStart) as reason:
        raise SystemExit(f"\n{reason}") from None


def run(installation: Installation) -> None:
    """Start everything, then watch it until interrupted."""
    clear_the_way(installation)
    with building_app(installation) as app, running_product(installation) as (backends, supervisor):
        wait_for_app(installation, app)
        say_where(installation)
        watch(backends, supervisor)


def clear_the_way(installation: Installation) -> None:
    """End what a killed run left behind, and make sure of our ports."""
    say(f"Tieout starts in {installation.folder}. Ctrl-C stops it.\n")
    if ended := end_leftovers(installation.folder / "processes.json"):
        say(f"ended {ended} processes that an earlier run left behind")
    require_free_ports(installation)


@contextlib.contextmanager
def running_product(installation: Installation) -> Iterator[tuple[Backends, Supervisor]]:
    """Servers, processes and demo; at the end the processes stop first, then the servers."""
    workers = sync_workers(installation)
    with contextlib.ExitStack() as stack:
        with step("PostgreSQL and Valkey"):
            backends = stack.enter_context(running_backends(installation))
        supervisor = Supervisor(ROOT, installation.folder / "processes.json")
        try:
            start_processes(installation, backends, supervisor, workers)
            fill_demo(installation, backends)
            yield backends, supervisor
        finally:
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
            say("\nstopping …")
            supervisor.stop()


@contextlib.contextmanager
def only_one_run(installation: Installation) -> Iterator[None]:
    """Two runs in one folder would share a database and fight over its ports."""
    installation.logs.mkdir(parents=True, exist_ok=True)
    with (installation.folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRun(
                f"Tieout runs here already, as process {lock.read().strip()}: {installation.address('gateway')}"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def require_free_ports(installation: Installation) -> None:
    for program in PROGRAMS:
        if program.listens and not is_free(installation.port(program.listens)):
            port, setting = installation.port(program.listens), installation.port_setting(program.listens)
            remedy = f"Stop that program, or choose another port: `{setting}={port + 1000} make run`."
            raise PortIsTaken(port, f"Tieout's {program.name}", remedy)


@contextlib.contextmanager
def building_app(installation: Installation) -> Iterator[subprocess.Popen[bytes]]:
    """The build of the single-page app, beside everything else: it mostly waits for the disk and the network."""
    with (installation.logs / "app.log").open("wb") as log:
        build = subprocess.Popen([sys.executable, "-m", "deploy.local.spa"], cwd=ROOT, stdout=log, stderr=log)
    try:
        yield build
    finally:
        build.terminate()
        build.wait()


def wait_for_app(installation: Installation, build: subprocess.Popen[bytes]) -> None:
    with step("app"):
        if build.wait():
            log = installation.logs / "app.log"
            raise CannotRun(f"The app could not be built. The end of {log}:\n{tail(log)}")


def start_processes(installation: Installation, backends: Backends, supervisor: Supervisor, workers: int) -> None:
    programs = programs_with(workers)
    with step(f"{len(programs)} processes"):
        for program in programs:
            port = installation.port(program.listens) if program.listens else None
            environment = installation.environment_of(program.room, backends.database_url, backends.redis_url)
            log = installation.logs / f"{program.name}.log"
            supervisor.start(Child(program.name, program.command(LOOPBACK, port), environment, log, port))
        wait_for_health(supervisor)


def sync_workers(installation: Installation) -> int:
    """As many as were asked for, one at least."""
    try:
        asked = installation.sync_workers
    except ValueError:
        asked = 0
    if asked < 1:
        raise CannotRun("SYNC_WORKERS has to be a whole number from 1 on, such as `SYNC_WORKERS=2 make run`.")
    return asked


def wait_for_health(supervisor: Supervisor) -> None:
    waiting = list(supervisor.children)
    deadline = time.monotonic() + HEALTHY_SECONDS
    while waiting:
        waiting = [child for child in waiting if not child.is_healthy()]
        ended = next((child for child in waiting if child.has_ended()), None)
        if ended is not None or (waiting and time.monotonic() > deadline):
            child = ended or waiting[0]
            raise CannotRun(f"{child.name} did not start. The end of {child.log}:\n{tail(child.log)}")
        time.sleep(LOOK_EVERY)


def fill_demo(installation: Installation, backends: Backends) -> None:
    """In its own process, like any other client of the public API."""
    if (installation.folder / "demo.json").exists() or installation.environment.get("TIEOUT_DEMO") == "0":
        return
    with step("demo data"):
        environment = installation.environment_of("gateway", backends.database_url, backends.redis_url)
        filled = subprocess.run([sys.executable, "-m", "deploy.local.demo"], cwd=ROOT, env=environment, check=False)
        if filled.returncode:
            raise CannotRun("The demo could not be filled; see above. The next `make run` tries again.")


def say_where(installation: Installation) -> None:
    say(f"\n  Open      {installation.address('gateway')}/sign-in")
    if installation.environment.get("TIEOUT_DEMO") != "0":
        say(f"  Sign in   {DEMO_EMAIL}  {installation.keys['TIEOUT_DEMO_PASSWORD']}")
    say(f"  Logs      {installation.logs}\n")


def watch(backends: Backends, supervisor: Supervisor, look: Callable[[], list[str]] = list) -> None:
    """Keep everything running; `look` may do more at each turn, and says in sentences what it did."""
    while True:
        for sentence in (*backends.restart_ended(), *supervisor.restart_ended(), *look()):
            say(f"{time.strftime('%H:%M:%S')}  {sentence}")
        time.sleep(LOOK_EVERY)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """One line with what was done and how long it took."""
    started = time.monotonic()
    print(f"  {what:<28}", end="", flush=True)
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - started:5.1f} s", flush=True)


def say(text: str) -> None:
    print(text, flush=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
