"""The four facts from which the whole demo follows: seed, size, reference month, pinned day.

Both stand-ins must agree on them, so whoever starts first writes `world.json` and the other reads it.
Each then keeps its own copy beside its changes: a reset of one never shakes the other.
"""

import contextlib
import os
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from services.sandbox import clock, exact_json
from services.sandbox.settings import Settings
from services.sandbox.store import Store

_SHARED_FILE = "world.json"


class World(NamedTuple):
    seed: int
    lines: int
    """Invoice lines of the previous month, about."""
    month: date
    """First day of the reference ("current") month."""
    pinned: date | None

    @property
    def today(self) -> date:
        return clock.today(self.pinned)

    def as_json(self) -> dict[str, Any]:
        pinned = self.pinned.isoformat() if self.pinned else None
        return {"seed": self.seed, "lines": self.lines, "month": self.month.isoformat(), "today": pinned}


def open_world(store: Store, settings: Settings) -> World:
    """The world this store was seeded with; on the first start the shared one, made here if need be."""
    known = store.fact("world")
    if known is None:
        known = _read_or_write_shared(settings.dir, begin_world(settings)).as_json()
        store.set_fact("world", known)
    return _from_json(known)


def begin_world(
    settings: Settings, *, seed: int | None = None, lines: int | None = None, today: date | None = None
) -> World:
    """A new world: what is not given comes from the settings, and the month from the day."""
    pinned = today or settings.today
    month = clock.today(pinned).replace(day=1)
    return World(settings.seed if seed is None else seed, settings.lines if lines is None else lines, month, pinned)


def reset_world(store: Store, settings: Settings, world: World) -> None:
    """Forget every change and begin again in `world`."""
    store.clear()
    store.set_fact("world", world.as_json())
    temporary = settings.dir / f"{_SHARED_FILE}.{os.getpid()}"
    temporary.write_bytes(exact_json.dumps(world.as_json()))
    temporary.replace(settings.dir / _SHARED_FILE)


def pin_day(store: Store, world: World, today: date) -> None:
    """From now on it is `today`, in this stand-in alone."""
    store.set_fact("world", world._replace(pinned=today).as_json())


def _read_or_write_shared(folder: Path, world: World) -> World:
    """Link a finished file into place, so that a reader never sees half of it and the first writer wins."""
    temporary = folder / f"{_SHARED_FILE}.{os.getpid()}"
    temporary.write_bytes(exact_json.dumps(world.as_json()))
    with contextlib.suppress(FileExistsError):
        os.link(temporary, folder / _SHARED_FILE)
    temporary.unlink()
    return _from_json(exact_json.loads((folder / _SHARED_FILE).read_bytes()))


def _from_json(known: dict[str, Any]) -> World:
    pinned = date.fromisoformat(known["today"]) if known["today"] else None
    return World(known["seed"], known["lines"], date.fromisoformat(known["month"]), pinned)
