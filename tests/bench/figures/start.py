"""How long people wait for `make run`, once everything is installed and built."""

from tests.bench.report import Figure
from tests.support.product import Product


def measure() -> list[Figure]:
    product = Product()
    try:
        first = product.start()
        product.stop()
        second = product.start()
    finally:
        product.forget()
    return [
        Figure("first start, demo filled", first, "s", at_most=90),
        Figure("second start, data kept", second, "s", at_most=15),
    ]
