"""What an idle local run takes of a machine."""

from tests.bench.clocks import megabytes
from tests.bench.report import Figure
from tests.support.product import Api, Product


def measure(product: Product, _api: Api) -> list[Figure]:
    sizes = {name: megabytes(process) for name, process in product.processes().items()}
    largest = max(sizes, key=lambda name: sizes[name])
    beside = f"{len(sizes)} processes, largest {largest.split(':')[0]} {sizes[largest]:.0f} MB"
    return [Figure("memory of the whole local run, idle", sum(sizes.values()), "MB", at_most=1200, beside=beside)]
