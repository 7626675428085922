"""Many lines of many customers changed in one step, in the real page: preview, apply, undo, apply again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.api import Api

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

WORK_MS = 120_000
AGREEMENT_TYPE = "Cloud Subscriptions"
MANY_CUSTOMERS = 20  # of the demo's 40; the others have no company yet, are excluded or have no such agreement


@pytest.fixture
def month(page: Page, api: Api, previous_period: str) -> Iterator[str]:
    """A loaded month in the grid; what a test has applied is undone, because others work with the same lines."""
    api.load(previous_period)
    page.goto(f"/invoices?period={previous_period}")
    expect(page.get_by_test_id("grid-row").first).to_be_visible()
    yield previous_period
    for edit in api.items("/bulk-edits"):
        if edit["status"] == "applied":
            api.finish_bulk_edit(api.post(f"/bulk-edits/{edit['id']}/undo"))


def test_each_customer_gets_its_agreement_of_a_type_in_one_step_and_back(page: Page, api: Api, month: str) -> None:
    preview_agreements(page)
    expect(page.get_by_test_id("bulk-statuses")).to_be_visible()
    customers = re.search(r"of ([\d,]+) customers", page.get_by_test_id("bulk-summary").inner_text())
    assert customers is not None
    assert int(customers[1]) >= MANY_CUSTOMERS
    charged = {line["organization"] for line in api.items("/invoice-lines", period=month)}
    assert {each["organization"] for each in newest(api)["preview"]["by_customer"]} == charged

    page.get_by_test_id("bulk-apply").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ lines changed$"))).to_be_visible(timeout=WORK_MS)
    edit = newest(api)
    assert edit["scope"]["line_ids"] is None
    assert {name: value for name, value in edit["scope"]["filter"].items() if value} == {"period": month}
    line_id = edit["preview"]["samples"][0]["line_id"]
    assert deciding(api, line_id, edit)["reverted_at"] is None

    page.get_by_test_id("offer-action").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ lines changed back$"))).to_be_visible(timeout=WORK_MS)
    assert deciding(api, line_id, edit)["reverted_at"] is not None

    page.get_by_test_id("bulk-recent-button").click()
    entry = page.get_by_test_id("bulk-recent-edit").first
    entry.get_by_test_id("bulk-redo").click()
    expect(entry.get_by_test_id("bulk-undo")).to_be_visible(timeout=WORK_MS)
    assert deciding(api, line_id, edit)["reverted_at"] is None
    entry.get_by_test_id("bulk-trail-button").click()
    expect(entry.get_by_test_id("bulk-trail")).to_contain_text("changed")


def test_a_line_that_somebody_else_changed_meanwhile_is_skipped_and_says_why(page: Page, api: Api, month: str) -> None:
    preview_agreements(page)
    moved = api.get(f"/invoice-lines/{newest(api)['preview']['samples'][0]['line_id']}")
    change = {"version": moved["version"], "charge_end_date": f"{month}-27"}
    api.client.patch(f"/invoice-lines/{moved['id']}", json=change).raise_for_status()

    page.get_by_test_id("bulk-apply").click()
    expect(page.get_by_test_id("bulk-error")).to_contain_text("1 line changed since the preview", timeout=WORK_MS)
    page.get_by_test_id("bulk-preview-without").click()
    page.get_by_test_id("bulk-skipped-tab").click(timeout=WORK_MS)
    skipped = page.get_by_test_id("bulk-skipped-changed_since")
    expect(skipped).to_contain_text(moved["organization"])
    expect(skipped).to_contain_text("changed it since the preview before")

    page.get_by_test_id("bulk-apply").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ lines changed$"))).to_be_visible(timeout=WORK_MS)
    history = api.get(f"/invoice-lines/{moved['id']}/history")["items"]
    assert newest(api)["id"] not in {each["edit_id"] for each in history}


def preview_agreements(page: Page) -> None:
    """By keyboard as far as the choice: the key opens the dialog, and its first field has the focus."""
    page.keyboard.press("Control+b")
    choice = page.get_by_test_id("bulk-choice")
    expect(choice).to_be_focused()
    choice.press("ArrowDown")
    pick(page, choice, "Assign each customer\u2019s agreement of a type")
    kind = page.get_by_test_id("bulk-type")
    kind.click()
    pick(page, kind, AGREEMENT_TYPE)
    page.get_by_test_id("bulk-preview").click()
    expect(page.get_by_test_id("bulk-summary")).to_be_visible(timeout=WORK_MS)


def pick(page: Page, field: Locator, name: str) -> None:
    page.get_by_role("option", name=name, exact=True).click()
    expect(field).to_have_value(name)


def newest(api: Api) -> Any:
    return next(api.items("/bulk-edits", limit=1))


def deciding(api: Api, line_id: str, edit: Any) -> Any:
    """What an edit decided about a line, as its history tells it."""
    history = api.get(f"/invoice-lines/{line_id}/history")["items"]
    return next(each for each in history if each["edit_id"] == edit["id"])
