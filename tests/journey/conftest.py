"""What journeys share: the API, the truth of the sandbox, and a real browser."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from deploy.local.browser import find_browser
from deploy.local.installation import ROOT
from services.contracts.periods import period_of
from services.kit.base import clock
from tests.support.api import Api
from tests.support.product import Product

SCREENSHOTS = ROOT / "docs" / "screenshots"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
PATIENCE_MS = 30_000
PerCustomer = dict[tuple[str, str], Decimal]


@pytest.fixture(scope="session")
def previous_period() -> str:
    return period_of(clock.today().replace(day=1) - timedelta(days=1))


@pytest.fixture(scope="session")
def current_period() -> str:
    return period_of(clock.today())


@pytest.fixture
def api(product: Product) -> Iterator[Api]:
    api = Api(product)
    yield api
    api.client.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: while it is open it keeps an event loop running, which no asynchronous test survives."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, product: Product) -> Iterator[Page]:
    """A signed-in page; a crash in it or a request that never leaves fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=product.address)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    crashes: list[str] = []
    page.on("pageerror", lambda error: crashes.append(str(error)))
    sign_in(page, product)
    yield page
    context.close()
    assert not crashes


def sign_in(page: Page, product: Product) -> None:
    who = product.sign_in
    page.goto("/sign-in")
    page.get_by_test_id("signin-email").fill(who["email"])
    page.get_by_test_id("signin-password").fill(who["password"])
    page.get_by_test_id("signin-submit").click()
    page.get_by_test_id("partner-name").wait_for()


def keep(page: Page, name: str) -> None:
    """A picture for the README, of a page at rest."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("domcontentloaded")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=Path(SCREENSHOTS / f"{name}.png"), animations="disabled")


def appxite_totals(api: Api, period: str) -> PerCustomer:
    """What AppXite charged, previews included, per customer and currency, as the stand-in itself counts it."""
    state = api.sandbox("appxite", "state")
    return {
        (row["organization"], row["currency"]): Decimal(str(row["total"])) + Decimal(str(row["preview_total"]))
        for row in state["totals"]
        if row["month"] == period
    }
