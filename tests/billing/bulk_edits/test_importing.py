"""An exported file comes back edited: its changes are previewed, and what it may not is refused cell by cell."""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from services.contracts.events.billing import LinesEdited
from tests.billing.builders import a_row, agreements, an_invoice, both_sides, rows_loaded
from tests.billing.bulk_edits.test_bulk_edits import carry_on, works
from tests.billing.conftest import Billing, Client
from tests.billing.line_files.test_export import fetch

OCTOBER = {"period": "2026-10"}


@pytest.fixture
async def loaded(billing: Billing, api: Client) -> Billing:
    """Three lines of October: two in USD, one in JPY."""
    await billing.hears(*both_sides(), agreements())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    usd = a_row("1", subscription_name="=1+1"), a_row("2", quantity="0.333333", unit_price="1.1", total="0.37")
    jpy = a_row("3", invoice_id="invoice-2", unit_price="1001", total="10010", charge_end=None)
    await billing.hears(rows_loaded(*usd), rows_loaded(jpy, invoice=an_invoice("invoice-2", currency="JPY")))
    await billing.catches_up()
    return billing


async def send(billing: Billing, api: Client, content: bytes, name: str = "lines.xlsx", **query: Any) -> Any:
    """Import a file and read what became of it."""
    asked = await api("POST", "/bulk-edits/files", 202, content=content, params={"name": name, **OCTOBER, **query})
    await works(billing)
    return await api.get(f"/bulk-edits/{asked['id']}")


async def edited(api: Client, change: Callable[[Any, dict[str, int]], None]) -> bytes:
    """The exported workbook after somebody has edited it with openpyxl; columns by title."""
    book = load_workbook(io.BytesIO(await fetch(api, **OCTOBER, sort="-currency")))
    sheet = book["Lines"]
    change(sheet, {str(cell.value): place for place, cell in enumerate(sheet[1], 1)})
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def refused_of(api: Client, edit: Any) -> list[tuple[str, str, str]]:
    page = await api.get(f"/bulk-edits/{edit['id']}/refused-cells")
    return [(each["at"], each["column"], each["reason"]) for each in page["items"]]


async def exported_rows(api: Client, **query: Any) -> list[list[str]]:
    text = (await fetch(api, **OCTOBER, format="csv", sort="-currency", **query)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def as_csv(rows: list[list[str]], separator: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode()


class TestRoundTrip:
    @pytest.mark.parametrize("file_format", ["xlsx", "csv"])
    @pytest.mark.parametrize("parted", [False, True])
    async def test_a_file_that_nobody_edited_changes_nothing(
        self, loaded: Billing, api: Client, file_format: str, parted: bool
    ) -> None:
        content = await fetch(api, **OCTOBER, format=file_format, a_sheet_for_each_currency=parted)
        edit = await send(loaded, api, content)
        assert edit["error"] == "The file changes nothing: all its 3 lines are as they are here."
        assert (edit["file"]["unchanged"], edit["file"]["refused"], edit["preview"]) == (3, 0, None)

    async def test_days_and_numbers_respelled_by_another_locale_are_unchanged(
        self, loaded: Billing, api: Client
    ) -> None:
        titles, *rows = await exported_rows(api)
        for row in rows:
            for place, title in enumerate(titles):
                if title.startswith("Charge ") and row[place][:3] == "202":
                    row[place] = ".".join(reversed(row[place].split("-")))
                if title in ("Total", "Unit price", "To be billed", "Quantity"):
                    row[place] = row[place].replace(".", ",")
        edit = await send(loaded, api, as_csv([titles, *rows], ";"), "deutsch.csv")
        assert (edit["file"]["unchanged"], edit["file"]["refused"]) == (3, 0)

    async def test_edited_cells_are_previewed_applied_and_undone_as_one(self, loaded: Billing, api: Client) -> None:
        def change(sheet: Any, column: dict[str, int]) -> None:
            sheet.cell(2, column["Charge start"]).value = "2026-10-20"
            sheet.cell(3, column["Excluded"]).value = True

        before = await loaded.lines()
        edit = await send(loaded, api, await edited(api, change))
        assert (edit["status"], edit["scope"], edit["changes"][0]["edited"]) == (
            "ready",
            {"filter": None, "line_ids": None, "of_values": True, "unless_changed_since": None},
            ["charge_start_date", "excluded"],
        )
        assert (edit["file"]["lines"], edit["file"]["cells"], edit["preview"]["changed"]["count"]) == (2, 2, 2)
        assert await loaded.lines() == before
        edit = await carry_on(loaded, api, edit, "apply")
        after = await loaded.lines()
        assert [str(each.rated.start.user) for each in after] == ["None", "2026-10-20", "None"]
        assert [bool(each.effective.is_excluded) for each in after] == [True, False, False]
        (fact,) = await loaded.told(LinesEdited)
        assert (fact.lines, fact.fields) == (2, ["charge_start_date", "excluded"])
        edit = await carry_on(loaded, api, edit, "undo")
        assert [each.effective for each in await loaded.lines()] == [each.effective for each in before]

    async def test_an_empty_cell_takes_an_edit_back(self, loaded: Billing, api: Client) -> None:
        line = (await loaded.lines())[1]
        change = {"version": line.version, "charge_start_date": "2026-10-20"}
        await api("PATCH", f"/invoice-lines/{line.id}", json=change)

        def clear(sheet: Any, column: dict[str, int]) -> None:
            sheet.cell(2, column["Charge start"]).value = None
            sheet.cell(3, column["Charge start"]).value = None

        edit = await send(loaded, api, await edited(api, clear))
        assert [reason for *_, reason in await refused_of(api, edit)] == ["nothing_to_take_back"]
        await carry_on(loaded, api, edit, "apply")
        assert (await loaded.lines())[1].rated.start.user is None


class TestRefused:
    async def test_each_refused_cell_is_named_with_its_reason_and_the_others_go_on(
        self, loaded: Billing, api: Client
    ) -> None:
        def change(sheet: Any, column: dict[str, int]) -> None:
            sheet.cell(2, column["Total"]).value = 1
            sheet.cell(2, column["Charge start"]).value = "=TODAY()"
            sheet.cell(2, column["Charge end"]).value = "20.11.2026"
            sheet.cell(2, column["Excluded"]).value = "yes"
            sheet.cell(3, column["Agreement id"]).value = "agreement-404"
            sheet.cell(3, column["Charge start"]).value = "1926-10-20"
            sheet.cell(1, sheet.max_column + 1).value = "My notes"
            sheet.cell(4, column["Version"]).value = 7

        edit = await send(loaded, api, await edited(api, change))
        assert [(column, reason) for _, column, reason in await refused_of(api, edit)] == [
            ("My notes", "unknown_column"),
            ("Total", "not_editable"),
            ("Charge start", "formula"),
            ("Charge end", "unreadable_value"),
            ("Charge start", "unreadable_value"),
            ("Version", "stale_version"),
            ("Agreement id", "no_such_record"),
        ]
        assert (edit["file"]["refused"], edit["file"]["lines"], edit["preview"]["matched"]) == (7, 1, 1)

    async def test_rows_that_name_no_line_or_one_twice_are_refused(self, loaded: Billing, api: Client) -> None:
        titles, first, second, third = await exported_rows(api)
        first[titles.index("Line")] = "edited"
        second[titles.index("Line")] = "0193a5b2-0000-7000-8000-000000000000"
        slipped = ["", *third]
        edit = await send(loaded, api, as_csv([titles, first, second, third, third, slipped]), "lines.csv")
        assert [(at[-1], reason) for at, _, reason in await refused_of(api, edit)] == [
            ("2", "no_such_line"),
            ("5", "duplicate_line"),
            ("6", "wrong_column_count"),
            ("3", "no_such_line"),
        ]
        assert edit["error"] == "The file changes nothing: 4 cells or rows of it were refused."

    async def test_a_line_of_another_month_is_refused(self, loaded: Billing, api: Client) -> None:
        edit = await send(loaded, api, await fetch(api, **OCTOBER), period="2026-09")
        assert {reason for *_, reason in await refused_of(api, edit)} == {"other_month"}

    async def test_another_partners_lines_are_not_here(self, loaded: Billing, api: Client) -> None:
        content = await fetch(api, **OCTOBER)
        stranger = Client(api.http, type(api.partner)(int=7))
        edit = await send(loaded, stranger, content)
        assert {reason for *_, reason in await refused_of(stranger, edit)} == {"no_such_line"}
        problem = await stranger("GET", f"/bulk-edits/{type(api.partner)(int=5)}/refused-cells", 404)
        assert problem["code"] == "bulk_edit_not_found"

    async def test_a_line_that_changes_after_the_preview_stops_the_whole_import(
        self, loaded: Billing, api: Client
    ) -> None:
        def change(sheet: Any, column: dict[str, int]) -> None:
            for row in (2, 3):
                sheet.cell(row, column["Excluded"]).value = True

        edit = await send(loaded, api, await edited(api, change))
        line = (await loaded.lines())[0]
        await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "charge_end_date": "2026-10-30"})
        edit = await carry_on(loaded, api, edit, "apply")
        assert edit["status"] == "stale"
        assert [bool(each.effective.is_excluded) for each in await loaded.lines()] == [False, False, False]


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def with_doctype() -> bytes:
    """A workbook whose sheet declares an entity that unpacks to a million characters."""
    plain, out = io.BytesIO(), io.BytesIO()
    Workbook().save(plain)
    bomb = '<!DOCTYPE a [<!ENTITY a "' + "a" * 1000 + '">]><worksheet>' + "&a;" * 1000 + "</worksheet>"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, bomb if "sheet1" in name else source.read(name))
    return out.getvalue()


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\xd0\xcf\x11\xe0 and more", "has a password"),
            (b"PK\x03\x04 broken", "damaged"),
            (packed(word__document="<a/>"), "no Excel workbook"),
            (packed(xl__workbook="<a/>", xl__sharedStrings=" " * 64_000_001), "too large"),
            ("Größe".encode("latin-1"), "not UTF-8"),
        ],
    )
    async def test_what_is_no_file_of_ours_is_refused_at_once(self, api: Client, content: bytes, words: str) -> None:
        problem = await api("POST", "/bulk-edits/files", 422, content=content, params={"name": "x"})
        assert (problem["code"], words in problem["detail"]) == ("file_not_readable", True)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"Organization,Total\r\nContoso,1\r\n", "'Line' and 'Version'"),
            (b"Line,Version,Line\r\n1,2,3\r\n", "stands twice"),
            (with_doctype(), "damaged or unsafe"),
        ],
    )
    async def test_what_turns_out_to_be_none_says_so(
        self, billing: Billing, api: Client, content: bytes, words: str
    ) -> None:
        edit = await send(billing, api, content)
        assert (edit["status"], words in edit["error"]) == ("failed", True)


class TestValuesByApi:
    async def test_each_line_gets_values_of_its_own(self, loaded: Billing, api: Client) -> None:
        first, second, third = await loaded.lines()
        values = [
            {"id": str(first.id), "version": first.version, "changes": {"charge_start_date": "2026-10-20"}},
            {"id": str(second.id), "version": second.version, "changes": {"excluded": True}},
            {"id": str(third.id), "version": third.version + 1, "changes": {"excluded": True}},
        ]
        asked = await api("POST", "/bulk-edits", 202, json={"changes": [{"kind": "values", "values": values}]})
        await works(loaded)
        edit = await api.get(f"/bulk-edits/{asked['id']}")
        assert [each["reason"] for each in edit["preview"]["skipped"]] == ["stale_version"]
        await carry_on(loaded, api, edit, "apply")
        after = await loaded.lines()
        assert (str(after[0].rated.start.user), after[1].effective.is_excluded) == ("2026-10-20", True)
        assert after[2] == third

    async def test_what_cannot_be_is_refused_in_words(self, loaded: Billing, api: Client) -> None:
        line = (await loaded.lines())[0]

        async def refused(*changes: Any, **more: Any) -> str:
            values = [{"id": str(line.id), "version": 1, "changes": each} for each in changes]
            change = {"kind": "values", "values": values}
            return str(await api("POST", "/bulk-edits", 422, json={"changes": [change], **more}))

        assert "colour cannot be edited" in await refused({"colour": "red"})
        assert "charge_start_date" in await refused({"charge_start_date": "soon"})
        assert "stands there twice" in await refused({"excluded": True}, {"excluded": True})
        assert "without a scope" in await refused({"excluded": True}, scope={"filter": OCTOBER})
        assert "say which values" in await refused()
