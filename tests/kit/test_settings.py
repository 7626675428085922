from typing import Any

import pytest
from pydantic import ValidationError

from services.kit.base.settings import ServiceSettings, read_settings

KEY = "k" * 32


def told(**settings: Any) -> ServiceSettings:
    return ServiceSettings(**{"database_url": "postgres://h/d", "internal_key": KEY} | settings)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "INTERNAL_KEY", "REDIS_URL", "DB_POOL_SIZE"):
        monkeypatch.delenv(f"TIEOUT_{name}", raising=False)


class TestServiceSettings:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
    def test_every_usual_form_of_address_is_understood(self, scheme: str) -> None:
        settings = told(database_url=f"{scheme}://u:p@h:5432/d?x=1")

        assert settings.database_url == "postgresql+asyncpg://u:p@h:5432/d?x=1"

    def test_the_environment_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIEOUT_DATABASE_URL", "postgres://h/d")
        monkeypatch.setenv("TIEOUT_INTERNAL_KEY", KEY)
        monkeypatch.setenv("TIEOUT_DB_POOL_SIZE", "7")

        assert read_settings(ServiceSettings).db_pool_size == 7

    def test_a_secret_is_not_shown_by_accident(self) -> None:
        assert KEY not in repr(told())

    def test_a_refused_value_is_not_repeated(self) -> None:
        with pytest.raises(ValidationError) as refused:
            told(database_url="mysql://u:hunter2@h/d", internal_key="hunter2")

        assert "hunter2" not in str(refused.value)

    def test_they_cannot_be_changed_while_running(self) -> None:
        settings: Any = told()

        with pytest.raises(ValidationError):
            settings.log_level = "DEBUG"


class TestReadSettings:
    def test_errors_name_the_variables_to_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIEOUT_INTERNAL_KEY", "short")
        monkeypatch.setenv("TIEOUT_DB_POOL_SIZE", "many")

        with pytest.raises(SystemExit) as ended:
            read_settings(ServiceSettings)

        assert str(ended.value).splitlines() == [
            "These settings are missing or wrong:",
            "  TIEOUT_DATABASE_URL: Field required",
            "  TIEOUT_INTERNAL_KEY: use at least 32 characters, as from `openssl rand -base64 36`",
            "  TIEOUT_DB_POOL_SIZE: Input should be a valid integer, unable to parse string as an integer",
        ]
