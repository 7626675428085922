"""What an idle local run takes of a machine."""

from tests.bench.clocks import megabytes
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product


def measure(product: Product, _api: Api) -> list[Figure]:
    sizes = [megabytes(process) for process in product.processes()]
    beside = f"{len(sizes)} processes, largest {max(sizes):.0f} MB"
    return [Figure("memory of the whole local run, idle", sum(sizes), "MB", at_most=1000, beside=beside)]
