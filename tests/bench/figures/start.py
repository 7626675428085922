"""How long people wait for `make run`, once everything is installed and built."""

import time
from pathlib import Path

from tests.bench.report import Figure
from tests.support.product import own_ports, running_product


def measure(folder: Path) -> list[Figure]:
    ports = own_ports()
    return [
        Figure("first start, demo filled", seconds_to_open(folder, ports), "s", at_most=90),
        Figure("second start, data kept", seconds_to_open(folder, ports), "s", at_most=15),
    ]


def seconds_to_open(folder: Path, ports: dict[str, str]) -> float:
    started = time.perf_counter()
    with running_product(folder, ports):
        return time.perf_counter() - started
