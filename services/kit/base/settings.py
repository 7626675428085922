"""The settings of every service, read from `TIEOUT_*` environment variables."""

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_KEY = 32  # bytes of an HMAC-SHA256 key; a shorter one can be guessed


def asyncpg_url(url: str) -> str:
    """The address as SQLAlchemy takes it; accepts the `postgres://` forms that hosting panels print."""
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.startswith("postgres"):
        raise ValueError("an address looks like postgresql://user:password@host:port/database")
    return f"postgresql+asyncpg://{rest}"


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"use at least {SHORTEST_KEY} characters, as from `openssl rand -base64 36`")
    return key


DatabaseUrl = Annotated[str, AfterValidator(asyncpg_url)]
InternalKey = Annotated[SecretStr, AfterValidator(_long_enough)]


class ServiceSettings(BaseSettings):
    """Settings shared by all services; each service's own class adds to them."""

    # A refused value is not repeated: the log would keep it, and it may be a secret.
    model_config = SettingsConfigDict(env_prefix="TIEOUT_", frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: DatabaseUrl
    redis_url: str = "redis://127.0.0.1:6379/0"
    internal_key: InternalKey
    """Signs who is asking between gateway and services; at least 32 characters, the same for all."""
    log_level: str = "INFO"
    log_format: str = "json"
    """`json` for machines, `text` for a terminal."""
    db_pool_size: int = 5
    statement_seconds: float = Field(20, gt=0)
    """Longest statement of a web request."""
    lock_seconds: float = Field(5, gt=0)
    """Longest wait of a web request for a row that another one is changing."""
    worker_statement_seconds: float = Field(300, gt=0)
    """Longest statement of a worker, which writes thousands of rows at once."""
    worker_lock_seconds: float = Field(60, gt=0)
    heartbeat_file: Path | None = None
    """A worker touches it every second, so that whoever runs it can tell a hanging worker from an idle one."""
    keep_events_days: int = Field(90, ge=8)
    """How long handled events stay in the ledger; longer than anything else that has a retention."""
    keep_idempotency_days: int = Field(7, ge=7)
    """How long the answer to an Idempotency-Key is given again."""
    max_body_bytes: int = Field(1_000_000, gt=0)
    """Longest request body."""
    body_seconds: float = Field(15, gt=0)
    """How long a request body may take to arrive: 1 MB at 70 kB a second."""
    max_upload_bytes: int = Field(40_000_000, gt=0)
    """Longest edited file: 100,000 lines are a workbook of about 12 MB, or CSV of about 35 MB."""
    upload_seconds: float = Field(120, gt=0)
    """How long such a file may take to arrive."""


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def read_settings(kind: type[SettingsT]) -> SettingsT:
    """Settings from the environment; ends the program with one line for each variable that is missing or wrong."""
    try:
        return kind()
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        lines = [
            f"  {prefix}{'_'.join(map(str, each['loc']))}".upper() + f": {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_input=False)
        ]
        raise SystemExit("\n".join(["These settings are missing or wrong:", *lines])) from None
