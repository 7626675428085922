"""`make bench`: starts the product with 100,000 and with 10,000 lines a month, and measures.

A figure that misses its limit ends the run with an error. Names choose: `make bench FIGURE="load push"`.
"""

import sys
from collections.abc import Callable

from tests.bench.figures import bulk, gateway, grid, load, memory, neighbours, plan_and_push, receipt, spa, start
from tests.bench.report import Figure, show
from tests.support.api import Api
from tests.support.product import Product

LOOK_EVERY = 0.5  # asking more often would take a twentieth of the machine from what is measured

Measure = Callable[[Product, Api], list[Figure]]

LARGE: dict[str, Measure] = {
    "memory": memory.measure,
    "load": load.measure,
    "gateway": gateway.measure,
    "neighbours": neighbours.measure,
    "bulk": bulk.measure,
    "grid": grid.measure,
}
MEDIUM: dict[str, Measure] = {"push": plan_and_push.measure}
ALONE = {"receipt", "spa", "start"}


def main(wanted: set[str]) -> bool:
    if unknown := wanted - LARGE.keys() - MEDIUM.keys() - ALONE:
        known = ", ".join([*LARGE, *MEDIUM, *sorted(ALONE)])
        raise SystemExit(f"There is no figure {', '.join(sorted(unknown))}. There are: {known}.")
    figures: list[Figure] = []
    if not wanted or "receipt" in wanted:
        figures += told(receipt.measure())
    if not wanted or "spa" in wanted:
        figures += told(spa.measure())
    figures += run(LARGE, wanted, {"SANDBOX_LINES": "100000"})
    figures += run(MEDIUM, wanted, {"SANDBOX_LINES": "10000"})
    if not wanted or "start" in wanted:
        figures += told(start.measure())
    return all(figure.holds for figure in figures)


def run(sections: dict[str, Measure], wanted: set[str], settings: dict[str, str]) -> list[Figure]:
    """The chosen sections against one product."""
    chosen = [measure for name, measure in sections.items() if not wanted or name in wanted]
    figures: list[Figure] = []
    if chosen:
        product = Product(settings)
        try:
            product.start()
            api = Api(product, LOOK_EVERY)
            for measure in chosen:
                figures += told(measure(product, api))
        finally:
            product.forget()
    return figures


def told(figures: list[Figure]) -> list[Figure]:
    show(figures)
    return figures


if __name__ == "__main__":
    sys.exit(not main(set(sys.argv[1:])))
