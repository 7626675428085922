"""A page of one partner, alone and while ten readers of another partner ask for the grid without a pause."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from deploy.local.installation import ROOT
from tests.bench.clocks import percentile, sample
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

READERS = 10
TIMES = 60
WINDOW = 200
MILLISECONDS = 1_000
EMAIL, PASSWORD = "owner@other.example", "another-partner-reads-its-page"


def measure(product: Product, api: Api) -> list[Figure]:
    """The heavy readers are the demo's owner; the page is that of a partner with nothing but its own sign-in."""
    period = previous_month()
    if not api.get("/invoice-lines/totals", period=period)["lines"]:
        api.load(period)
    add_partner(product)
    with signed_in(product) as other:
        alone = sample(lambda: other.get("/organizations").raise_for_status(), TIMES)
        with heavy_readers(api, period):
            beside_others = sample(lambda: other.get("/organizations").raise_for_status(), TIMES)
    before, after = percentile(alone, 0.5), percentile(beside_others, 0.5)
    beside = f"{after * MILLISECONDS:.1f} ms, {before * MILLISECONDS:.1f} ms alone"
    what = "another partner's page while ten heavy readers work, p50"
    return [Figure(what, after / before, "times", at_most=2, beside=beside)]


def add_partner(product: Product) -> None:
    """By the operator's command, as the first partner was added."""
    installation = product.installation
    port = (installation.folder / "postgres.port").read_text().strip()
    owner = f"postgresql://postgres@127.0.0.1:{port}/tieout"
    environment = installation.environment_of("gateway", owner, "redis://127.0.0.1")
    command = [sys.executable, "-m", "services.gateway.cli", "create-partner", "--name", "Another Partner"]
    person = ["--owner-email", EMAIL, "--owner-name", "Other Owner", "--password-stdin"]
    subprocess.run(
        [*command, *person], cwd=ROOT, env=environment, input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL
    )


@contextmanager
def signed_in(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{product.address}/api/v1", timeout=60, trust_env=False) as client:
        client.post("/session", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
        yield client


@contextmanager
def heavy_readers(api: Api, period: str) -> Iterator[None]:
    """Ten threads, each with one request in flight at all times."""
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            api.get("/invoice-lines", period=period, sort="-total", limit=WINDOW)

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
