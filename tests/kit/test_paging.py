import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.web.paging import BadCursor, CursorValue, Page, decode_cursor, encode_cursor

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
