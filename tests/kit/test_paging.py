import base64
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, DateTime, Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.kit.base.db import Database, WriteSession
from services.kit.web.paging import BadCursor, CursorValue, Keyset, Page, decode_cursor, encode_cursor
from tests.kit.conftest import in_the_name_of

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=400)
PLACES = st.lists(st.one_of(TEXTS, st.integers(-(1 << 63), (1 << 63) - 1)), max_size=5)


class TestCursor:
    @given(PLACES)
    def test_it_names_the_same_place_again(self, place: list[CursorValue]) -> None:
        cursor = encode_cursor(place)

        assert decode_cursor(cursor, len(place)) == place
        assert cursor.replace("-", "").replace("_", "").isalnum() or cursor == ""

    @pytest.mark.parametrize("cursor", ["", "x", "é", "bnVsbA", "eyJhIjoxfQ", "gICA", "W" * 599])
    def test_what_no_list_gave_out_is_refused(self, cursor: str) -> None:
        with pytest.raises(BadCursor):
            decode_cursor(cursor, 2)

    @pytest.mark.parametrize(
        "value", [True, None, 1.5, float("nan"), [1], {"a": 1}, "\ud800", "a\0b", "x" * 401, 1 << 63, -(1 << 63) - 1]
    )
    def test_a_value_that_no_column_holds_is_refused(self, value: object) -> None:
        cursor = base64.urlsafe_b64encode(json.dumps([value]).encode()).decode().rstrip("=")

        with pytest.raises(BadCursor):
            decode_cursor(cursor, 1)

    def test_one_of_another_list_is_refused(self) -> None:
        with pytest.raises(BadCursor, match="another list"):
            decode_cursor(encode_cursor(["a"]), 2)

    @given(st.text(max_size=600))
    def test_nothing_but_a_bad_cursor_ever_comes_of_it(self, cursor: str) -> None:
        with contextlib.suppress(BadCursor):
            assert len(decode_cursor(cursor, 1)) == 1


class TestPage:
    def test_the_last_one_has_no_next(self) -> None:
        assert Page[int](items=[1], next_cursor=None).model_dump() == {"items": [1], "next_cursor": None}


class _Base(DeclarativeBase):
    """Apart from the services' base, whose tables are compared with the migrations."""


class Note(_Base):
    __tablename__ = "note"
    __table_args__ = {"prefixes": ["TEMPORARY"]}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[UUID] = mapped_column(primary_key=True)
    made: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    number: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(BigInteger)


NEWEST = Keyset(Note.made, Note.id, newest_first=True)
BY_NUMBER = Keyset(Note.number, Note.id)
BY_POSITION = Keyset(Note.position)


@pytest.fixture
async def notes(sync_db: Database) -> AsyncIterator[WriteSession]:
    """Seven notes, of which three were made at the same instant and have the same number."""
    async with sync_db.writing(in_the_name_of(uuid4())) as session:
        await (await session.connection()).run_sync(_Base.metadata.create_all)
        for position in range(7):
            instant = datetime(2026, 3, 15, 12, min(position, 4), 0, 123456, tzinfo=UTC)
            number = f"Äpfel \U0001f34e {min(position, 4)}"
            session.add(Note(id=uuid4(), made=instant, number=number, position=position))
        await session.flush()
        yield session


async def walk(session: WriteSession, keyset: Keyset, limit: int) -> list[int]:
    """The positions of all notes, page after page."""
    seen: list[int] = []
    cursor = None
    while True:
        rows = (await session.scalars(keyset.window(select(Note), limit, cursor))).all()
        page = keyset.page(rows, limit, lambda note: note.position)
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            return seen


class TestKeyset:
    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
    @pytest.mark.parametrize("keyset", [NEWEST, BY_NUMBER, BY_POSITION])
    async def test_pages_follow_each_other_without_gap_or_repetition(
        self, notes: WriteSession, keyset: Keyset, limit: int
    ) -> None:
        seen = await walk(notes, keyset, limit)

        assert sorted(seen) == list(range(7))
        first_of_equals = sorted(seen, key=lambda position: min(position, 4), reverse=keyset is NEWEST)
        assert [min(each, 4) for each in seen] == [min(each, 4) for each in first_of_equals]

    async def test_a_row_added_before_the_page_shifts_nothing(self, notes: WriteSession) -> None:
        rows = (await notes.scalars(BY_POSITION.window(select(Note), 3, None))).all()
        cursor = BY_POSITION.page(rows, 3, lambda note: note.position).next_cursor
        notes.add(Note(id=uuid4(), made=datetime.now(UTC), number="", position=-1))
        await notes.flush()

        after = (await notes.scalars(BY_POSITION.window(select(Note), 3, cursor))).all()

        assert [note.position for note in after][:3] == [3, 4, 5]

    async def test_rows_of_several_things_are_keyed_by_one_of_them(self, notes: WriteSession) -> None:
        rows = (await notes.execute(BY_POSITION.window(select(Note, Note.number), 2, None))).all()

        page = BY_POSITION.page(rows, 2, lambda row: row.number, keyed=lambda row: row.Note)

        assert page.next_cursor == encode_cursor([1])

    @pytest.mark.parametrize("keyset", [NEWEST, BY_NUMBER])
    @pytest.mark.parametrize(
        "key",
        [
            ["2026-03-15T12:00:00", str(uuid4())],  # without a time zone
            ["2026-03-15T12:00:00+00:00", "no id"],
            ["yesterday", str(uuid4())],
            [7, str(uuid4())],
            ["2026-03-15T12:00:00+00:00", 7],
            [7],
        ],
    )
    def test_a_cursor_of_another_list_is_refused(self, keyset: Keyset, key: list[CursorValue]) -> None:
        if keyset is BY_NUMBER and isinstance(key[0], str) and len(str(key[-1])) > 20:
            return  # any text may be a number
        with pytest.raises(BadCursor):
            keyset.window(select(Note), 10, encode_cursor(key))

    def test_a_text_is_no_position(self) -> None:
        with pytest.raises(BadCursor):
            BY_POSITION.window(select(Note), 10, encode_cursor(["7"]))
