"""The main job as a person does it, in the real page, with the pictures the README shows."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journey.conftest import keep
from tests.support.api import Api
from tests.support.product import Product

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

RUN_MS = 120_000


def test_a_person_loads_reviews_plans_pushes_and_reads_the_receipt(page: Page, api: Api, previous_period: str) -> None:
    go_live(api, previous_period)
    page.goto("/invoices")
    page.get_by_test_id("load-button").click()
    page.get_by_test_id("load-previous").check()
    page.get_by_test_id("load-start").click()
    expect(page.get_by_test_id("load-done")).to_be_visible(timeout=RUN_MS)
    page.keyboard.press("Escape")

    page.goto(f"/invoices?period={previous_period}")
    expect(page.get_by_test_id("grid-row").first).to_be_visible()
    keep(page, "invoices")
    edit_a_date(page, previous_period)

    page.get_by_test_id("plan-button").click()
    expect(page.get_by_test_id("plan-summary")).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_test_id("operation-row").first).to_be_visible()
    keep(page, "plan")

    button = page.get_by_test_id("apply-button")
    expect(button).to_have_text(re.compile(r"Push [\d,]+ (addition|change)s?"))
    button.click()
    page.get_by_test_id("apply-confirm").click()
    expect(page.get_by_test_id("receipt-statements")).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_test_id("receipt-totals")).to_be_visible()
    keep(page, "receipt")
    assert api.sandbox("connectwise", "state")["duplicates"] == []


def go_live(api: Api, first_period: str) -> None:
    """What people billed by hand before this month is never billed again."""
    current = api.get("/billing-rules")
    change = {"version": current["version"], "rules": {**current["rules"], "first_period": first_period}}
    api.client.put("/billing-rules", json=change).raise_for_status()


def edit_a_date(page: Page, period: str) -> None:
    """Type a charge start into the first ready line, by keyboard; its badge says that a user did it."""
    page.get_by_test_id("status-tab-ready").click()
    row = page.get_by_test_id("grid-row").filter(has_text="Cycle fee").first
    row.get_by_test_id("cell-charge_start_date").dblclick()
    editor = page.get_by_test_id("cell-editor")
    editor.fill(f"{period}-17")
    editor.press("Enter")
    expect(page.get_by_test_id("badge-user").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/", "next-step"),
        ("/runs", "runs-table"),
        ("/mapping/organizations", "organizations"),
        ("/mapping/products", "products"),
        ("/system-logs", "log-rows"),
        ("/settings/connections", "appxite-address"),
        ("/settings/dictionary", "dictionary"),
    ],
)
def test_every_page_shows_what_exists(page: Page, path: str, shows: str) -> None:
    page.goto(path)

    expect(page.get_by_test_id(shows).first).to_be_visible()


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(page: Page, product: Product) -> None:
    page.context.clear_cookies()
    page.goto("/runs")
    page.get_by_test_id("signin-email").fill(product.sign_in["email"])
    page.get_by_test_id("signin-password").fill(product.sign_in["password"])
    page.get_by_test_id("signin-submit").click()

    expect(page.get_by_test_id("runs-table")).to_be_visible()
    assert page.url.endswith("/runs")


def test_it_is_readable_in_the_dark(page: Page, api: Api, previous_period: str) -> None:
    api.load(previous_period)
    page.emulate_media(color_scheme="dark")
    page.goto(f"/invoices?period={previous_period}")
    expect(page.get_by_test_id("grid-row").first).to_be_visible()

    keep(page, "invoices-dark")
