"""What a plain script needs for a line: it looks the line's addition up, then writes it, one call after the other."""

import httpx

from tests.bench.clocks import timed
from tests.bench.months import previous_month
from tests.sandbox.conftest import API, PSA_HEADERS
from tests.support.product import Product

LINES = 200  # of the month; the others would take the script as long, each
AGREEMENT = "1002"


def seconds_per_line(product: Product) -> float:
    """At the latency that the stand-in has now. The script maps, dates, proves and remembers nothing."""
    additions = f"{product.installation.address('connectwise')}{API}/finance/agreements/{AGREEMENT}/additions"
    with httpx.Client(headers=PSA_HEADERS, trust_env=False, timeout=60) as client, timed() as writing:
        for number in range(LINES):
            marker = f"plain-{number}"
            client.get(additions, params={"conditions": f'serialNumber="{marker}"'}).raise_for_status()
            client.post(additions, json=addition(marker)).raise_for_status()
    return writing.seconds / LINES


def addition(marker: str) -> dict[str, object]:
    return {
        "product": {"id": 601},
        "quantity": 1,
        "unitPrice": 10.5,
        "billCustomer": "Billable",
        "effectiveDate": f"{previous_month()}-01T00:00:00Z",
        "serialNumber": marker,
    }
