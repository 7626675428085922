"""The one definition of a line's columns says everything that others need of it."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from uuid import UUID

import orjson

from services.billing.lines.record import from_record, to_record
from services.billing.lines.schemas import LineItem
from services.billing.lines.stored import StoredLine
from services.billing.lines.table import COLUMNS
from services.billing.rules.line import Line, Rated
from services.billing.rules.rate import rate
from tests.billing.builders import a_book, a_line

# Named by another mirror, decided by people, or put together from several columns.
NOT_COLUMNS = {"company", "agreement", "product", "excluded", "provenance", "carried_with", "decided", "is_invoiced"}


def stored(line: Line) -> StoredLine:
    return StoredLine(
        id=UUID(int=3),
        version=4,
        rules_version=2,
        line=line,
        rated=rate(line, a_book()),
        sent_at=datetime(2026, 10, 20, tzinfo=UTC),
        addition_id="77",
    )


class TestColumns:
    def test_every_field_of_the_grid_is_a_column_or_known_to_be_none(self) -> None:
        shown = {column.shown_as for column in COLUMNS}
        assert LineItem.model_fields.keys() - shown == NOT_COLUMNS

    def test_names_and_places_are_used_once(self) -> None:
        assert len({column.name for column in COLUMNS}) == len({column.path for column in COLUMNS}) == len(COLUMNS)

    def test_every_value_that_rating_makes_is_kept(self) -> None:
        kept = {column.path.split(".")[1] for column in COLUMNS if column.path.startswith("rated.")}
        assert {each.name for each in fields(Rated)} - kept == {"charge_type"}  # parsed from the text as invoiced


class TestRecord:
    def test_a_line_reads_back_as_it_was_written(self) -> None:
        line = stored(a_line(sent_fingerprint="f", sent_marker="TO-1", sent_recurring=True))
        assert from_record([*to_record(line), None, None]) == line

    def test_decisions_are_applied_where_rating_looks_and_not_to_what_was_invoiced(self) -> None:
        decisions = {"charge_start_date": "2026-10-20", "excluded": True, "agreement_id": None}
        plain = stored(a_line())
        read = from_record([*to_record(plain), orjson.dumps(decisions), None])
        assert read.line == plain.line
        assert read.effective == replace(plain.line, user_start=date(2026, 10, 20), is_excluded=True)
        assert read.rated.start.user == date(2026, 10, 20)

    def test_a_line_that_was_sent_before_it_was_remembered_how_takes_it_from_its_rating(self) -> None:
        line = stored(a_line(sent_fingerprint="f"))
        assert from_record([*to_record(line), None, None]).line.sent_recurring is True
