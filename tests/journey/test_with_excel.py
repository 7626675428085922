"""Lines go out to Excel, are edited there, and come in again: as a person does it in the real page."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.support.api import Api

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

WORK_MS = 60_000
MONTH = "export-month-xlsx"


def test_a_month_goes_out_is_edited_with_openpyxl_and_comes_in_again(
    page: Page, api: Api, current_period: str, tmp_path: Path
) -> None:
    assert api.load(current_period)["status"] == "succeeded"
    page.goto(f"/invoices?period={current_period}")
    page.get_by_test_id("files-menu").click()
    with page.expect_download() as download:
        page.get_by_test_id(MONTH).click()
    file = tmp_path / "lines.xlsx"
    download.value.save_as(file)

    lines = exclude_two_and_write_a_total(file, api.get("/invoice-lines/totals", period=current_period)["lines"])
    import_file(page, file)
    expect(page.get_by_test_id("import-summary")).to_contain_text("2 lines")
    expect(page.get_by_test_id("import-refused")).to_contain_text("Total cannot be changed in a file.")
    assert [api.get(f"/invoice-lines/{each}")["excluded"] for each in lines] == [False, False]

    page.get_by_test_id("import-apply").click()
    expect(page.get_by_test_id("import-undo")).to_be_visible(timeout=WORK_MS)
    assert [api.get(f"/invoice-lines/{each}")["excluded"] for each in lines] == [True, True]

    page.get_by_test_id("import-undo").click()
    expect(page.get_by_test_id("import-summary")).to_contain_text("changed back", timeout=WORK_MS)
    assert [api.get(f"/invoice-lines/{each}")["excluded"] for each in lines] == [False, False]


def exclude_two_and_write_a_total(file: Path, count: int) -> list[str]:
    """Edit the workbook as somebody in Excel would; answers with the lines that are excluded now."""
    book = load_workbook(file)
    sheet = book["Lines"]
    assert sheet.max_row == count + 1
    column = {str(cell.value): place for place, cell in enumerate(sheet[1], 1)}
    sheet.cell(4, column["Total"]).value = 1
    chosen = []
    for row in (2, 3):
        assert sheet.cell(row, column["Excluded"]).value is False
        sheet.cell(row, column["Excluded"]).value = True
        chosen.append(str(sheet.cell(row, column["Line"]).value))
    book.save(file)
    return chosen


def import_file(page: Page, file: Path) -> None:
    page.get_by_test_id("files-menu").click()
    page.get_by_test_id("import-file").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("import-choose").click()
    chooser.value.set_files(file)
    page.get_by_test_id("import-read").click()
    expect(page.get_by_test_id("import-found")).to_be_visible(timeout=WORK_MS)
