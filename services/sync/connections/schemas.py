"""Connections as people send and see them: secrets go in and never come out."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, StrictInt

from services.contracts.vocabulary import ConnectedSystem
from services.sync.systems import TraitOrigin


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


class TraitOut(BaseModel):
    """Something true of the PSA that nobody documents, and how it is known."""

    name: str
    words: str
    value: int | bool | str
    origin: TraitOrigin = Field(description="What holds: fixed by a person, a setting, learned, or a first guess")
    learned: int | bool | str | None = Field(description="From what was read back; it holds unless something is fixed")
    learned_at: datetime | None
    addition_id: str = Field(description="The addition that showed it")
    sent: str
    kept: str


class TraitIn(BaseModel):
    """A value to fix: decimals from 0 to 8, yes or no, or `unit_price` or `amount`."""

    model_config = ConfigDict(extra="forbid")

    value: StrictBool | StrictInt | Annotated[str, Field(max_length=20)]


class ConnectionCheck(BaseModel):
    """One thing a connection needs, and whether it has it."""

    name: str
    ok: bool
    detail: str


class ConnectionTest(BaseModel):
    """Outcome of *Test connection*."""

    ok: bool
    checks: list[ConnectionCheck]
