"""`make bench`: starts the product twice, with 100,000 and with 10,000 lines a month, and measures.

A figure that misses its limit ends the run with an error. Name sections to run only those:
`python -m tests.bench load push`.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.figures import gateway, grid, load, memory, plan_and_push, spa, start
from tests.bench.report import Figure, show
from tests.support.product import Api, Product, running_product

MEASURE = Callable[[Product, Api], list[Figure]]

LARGE: dict[str, MEASURE] = {
    "memory": memory.measure,
    "load": load.measure,
    "gateway": gateway.measure,
    "grid": grid.measure,
}
MEDIUM: dict[str, MEASURE] = {"push": plan_and_push.measure}
# Eight calls in flight at 50 ms are 160 a second: the account's own pace must not be what is measured.
UNPACED = {"TIEOUT_CONNECTWISE_CALLS_PER_MINUTE": "60000", "TIEOUT_CONNECTWISE_CALLS_IN_FLIGHT": "8"}


def main(wanted: set[str]) -> bool:
    figures = [*spa.measure()] if not wanted or "spa" in wanted else []
    show(figures)
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        figures += run(LARGE, wanted, Path(folder) / "large", {"SANDBOX_LINES": "100000"})
        figures += run(MEDIUM, wanted, Path(folder) / "medium", {"SANDBOX_LINES": "10000"} | UNPACED)
        if not wanted or "start" in wanted:
            again = start.measure(Path(folder) / "start")
            show(again)
            figures += again
    return all(figure.holds for figure in figures)


def run(sections: dict[str, MEASURE], wanted: set[str], folder: Path, settings: dict[str, str]) -> list[Figure]:
    chosen = [measure for name, measure in sections.items() if not wanted or name in wanted]
    if not chosen:
        return []
    figures: list[Figure] = []
    with running_product(folder, settings) as product:
        api = Api(product)
        for measure in chosen:
            found = measure(product, api)
            show(found)
            figures += found
    return figures


if __name__ == "__main__":
    sys.exit(not main(set(sys.argv[1:])))
