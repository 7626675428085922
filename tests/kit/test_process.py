"""What a process does before it serves."""

import gc
from collections.abc import Iterator

import pytest

from services.kit.base.process import GARBAGE_THRESHOLD, make_app
from services.kit.base.settings import ServiceSettings

KEY = "a key that only this test run knows"


@pytest.fixture(autouse=True)
def garbage_as_found() -> Iterator[None]:
    found = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*found)


class TestMakeApp:
    def test_the_app_is_made_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIEOUT_DATABASE_URL", "postgres://h/d")
        monkeypatch.setenv("TIEOUT_INTERNAL_KEY", KEY)

        assert make_app(lambda settings: settings.database_url, ServiceSettings) == "postgresql+asyncpg://h/d"

    def test_a_process_without_its_settings_ends_with_what_to_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TIEOUT_DATABASE_URL", raising=False)
        monkeypatch.setenv("TIEOUT_INTERNAL_KEY", KEY)

        with pytest.raises(SystemExit, match="TIEOUT_DATABASE_URL: Field required"):
            make_app(lambda settings: settings, ServiceSettings)

    def test_what_was_built_is_not_searched_for_garbage_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIEOUT_DATABASE_URL", "postgres://h/d")
        monkeypatch.setenv("TIEOUT_INTERNAL_KEY", KEY)

        make_app(lambda settings: settings, ServiceSettings)

        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] == GARBAGE_THRESHOLD
