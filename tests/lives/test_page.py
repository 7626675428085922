"""docs/billed-lives.md says what the tests play."""

from tests.lives.life import read_themes
from tests.lives.page import PAGE, write_page


def test_the_page_is_written_from_the_lives() -> None:
    expected = write_page(read_themes())
    assert PAGE.read_text(encoding="utf-8") == expected, "write it anew: python -m tests.lives.page"
