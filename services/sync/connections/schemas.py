"""Connections as people send and see them: secrets go in and never come out."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.contracts.vocabulary import ConnectedSystem


class ConnectionStatus(StrEnum):
    MISSING = "missing"  # never saved
    UNTESTED = "untested"  # saved, and not tested since
    OK = "ok"
    FAILING = "failing"  # the last test failed, or a right is missing


class ConnectionOut(BaseModel):
    """One upstream, without its secrets. A system that was never saved is there too, as `missing`."""

    system: ConnectedSystem
    address: str
    profile: str
    settings: dict[str, str]
    has_secret: bool
    status: ConnectionStatus
    tested_at: datetime | None
    missing_rights: list[str]


class ConnectionIn(BaseModel):
    """What PUT takes. `secrets` may be left out when neither address nor account changes.

    AppXite: settings `seller_id`, secret `key`. ConnectWise: settings `company_id`, secrets `public_key`,
    `private_key`, `client_id`.
    """

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=1, max_length=300, examples=["https://na.myconnectwise.net"])]
    profile: Annotated[str, Field(max_length=40, description="AppXite only: which reporting API answers")] = ""
    settings: dict[str, Annotated[str, Field(max_length=200)]] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)


class ConnectionCheck(BaseModel):
    """One thing a connection needs, and whether it has it."""

    name: str
    ok: bool
    detail: str


class ConnectionTest(BaseModel):
    """Outcome of *Test connection*."""

    ok: bool
    checks: list[ConnectionCheck]
