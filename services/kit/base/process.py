"""What a process does before it serves: read its settings, and look for garbage rarely."""

import gc
from collections.abc import Callable
from typing import TypeVar

from services.kit.base.settings import SettingsT, read_settings

# Containers allocated more than freed before garbage is looked for: some 20 MB that wait. Rows and answers
# are freed by their counts; looking for cycles after every 700 cost 8 % of a load, and one request in
# twenty waited 90 ms while the whole program was searched.
GARBAGE_THRESHOLD = 50_000

AppT = TypeVar("AppT")


def make_app(create: Callable[[SettingsT], AppT], kind: type[SettingsT]) -> AppT:
    """The app of a process of its own; the process ends with a clear list where settings are missing or wrong."""
    app = create(read_settings(kind))
    collect_garbage_rarely()
    return app


def collect_garbage_rarely() -> None:
    """Leave what was built so far out of every search for garbage, and search less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
