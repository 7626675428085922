"""Stopwatches and memory: what a measurement is taken with."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

MEGABYTE = 1_000_000
SAMPLE_SECONDS = 0.05


@dataclass
class Stopwatch:
    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    watch, started = Stopwatch(), time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - started


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample that `share` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def sample(call: Callable[[], object], times: int) -> list[float]:
    """Seconds of each call, the first two left out: they open connections and fill caches."""
    seconds = []
    for _ in range(times + 2):
        with timed() as watch:
            call()
        seconds.append(watch.seconds)
    return seconds[2:]


def megabytes(process: psutil.Process) -> float:
    """Memory that would be free without this process; shared pages are counted in part (PSS)."""
    return float(process.memory_full_info().pss) / MEGABYTE


@dataclass
class MemoryPeak:
    """The most resident memory (MB) each watched process was seen with."""

    peaks: dict[str, float] = field(default_factory=dict)


@contextmanager
def watched(processes: dict[str, psutil.Process]) -> Iterator[MemoryPeak]:
    peak, over = MemoryPeak(dict.fromkeys(processes, 0.0)), threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_SECONDS):
            for name, process in processes.items():
                peak.peaks[name] = max(peak.peaks[name], process.memory_info().rss / MEGABYTE)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()
