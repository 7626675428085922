"""Many dates at once, by keyboard alone: paste a column, refuse a cell, take it back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.api import Api

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


def test_a_pasted_column_of_dates_refuses_a_cell_and_is_taken_back(page: Page, api: Api, previous_period: str) -> None:
    api.load(previous_period)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/invoices?period={previous_period}&status=ready")
    expect(page.get_by_test_id("grid-row").first).to_be_visible()
    lines = shown_lines(page)[:3]
    before = starts(api, lines)

    page.evaluate("text => navigator.clipboard.writeText(text)", f"{previous_period}-11\nsoon\n{previous_period}-13")
    reach_first_start(page)
    page.keyboard.press("Control+V")

    expect(page.get_by_test_id("refusal")).to_have_count(1)
    expect(page.get_by_test_id("refusal")).to_contain_text("soon")
    assert starts(api, lines) == before  # nothing is written before the person decides
    page.keyboard.press("Enter")
    for row in (0, 2):
        expect(page.locator(f"[data-row='{row}'] [data-testid=badge-user]").first).to_be_visible()
    assert starts(api, lines) == [f"{previous_period}-11", before[1], f"{previous_period}-13"]

    expect(page.locator("[data-active=true]")).to_be_focused()
    page.keyboard.press("Control+Z")
    expect(page.get_by_text("Taken back on 2 lines")).to_be_visible()
    assert starts(api, lines) == before


def reach_first_start(page: Page) -> None:
    """From anywhere on the page: to the grid, then along the first line to its charge start."""
    page.keyboard.press("g")
    page.keyboard.press("g")
    page.keyboard.press("Control+Home")
    column = page.get_by_role("columnheader", name=re.compile("Charge start")).get_attribute("aria-colindex")
    assert column is not None
    for _ in range(int(column) - 1):
        page.keyboard.press("ArrowRight")


def shown_lines(page: Page) -> list[str]:
    ids: list[str] = page.get_by_test_id("grid-row").evaluate_all("rows => rows.map(row => row.dataset.rowId)")
    return ids


def starts(api: Api, lines: list[str]) -> list[Any]:
    return [api.get(f"/invoice-lines/{line}")["charge_start_date"] for line in lines]
