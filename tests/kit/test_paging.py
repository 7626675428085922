import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.kit.web.paging import BadCursor, Page, decode_cursor, encode_cursor

PLACES = st.lists(st.one_of(st.text(), st.integers(), st.booleans(), st.none()), max_size=5)


class TestCursor:
    @given(PLACES)
    def test_it_names_the_same_place_again(self, place: list[JsonValue]) -> None:
        cursor = encode_cursor(place)

        assert decode_cursor(cursor, len(place)) == place
        assert cursor.replace("-", "").replace("_", "").isalnum() or cursor == ""

    @pytest.mark.parametrize("cursor", ["", "x", "é", "bnVsbA", "eyJhIjoxfQ", "gICA", "W" * 599])
    def test_what_no_list_gave_out_is_refused(self, cursor: str) -> None:
        with pytest.raises(BadCursor):
            decode_cursor(cursor, 2)

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
