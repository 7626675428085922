"""What the environment decides about the sandbox (`TIEOUT_SANDBOX_*`).

Each setting whose upstream truth is unknown is a switch here, with the safe guess as its default.
"""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TIEOUT_SANDBOX_", extra="ignore", populate_by_name=True)

    dir: Path = Path(".local/sandbox")
    """Folder of the state files; both stand-ins may share it."""
    seed: int = 7
    lines: int = Field(
        1200, ge=100, le=2_000_000, validation_alias=AliasChoices("SANDBOX_LINES", "TIEOUT_SANDBOX_LINES")
    )
    """Invoice lines of the previous month; the current month has about 11/12 of it."""
    today: date | None = None
    """Pins the day, and with it the reference month; None follows the clock."""

    price_scale: int = Field(2, ge=0, le=8)
    """Decimals ConnectWise keeps of unitPrice and unitCost. Unknown upstream; 2 is the safe guess: what survives
    2 decimals survives more."""
    quantity_scale: int = Field(4, ge=0, le=8)
    """Decimals ConnectWise keeps of quantities. Unknown upstream."""
    ext_price_base: Literal["billedQuantity", "quantity"] = "billedQuantity"
    codebase: str = "v4_6_release/"
    """What companyinfo answers. Both v4_6_release/ and v2025_1/ are served until the control API moves it."""
    auth_failure: Literal[401, 404] = 401
    """The cloud was seen to answer 404 to bad credentials."""
    lenient_patch: bool = False
    """Strip a leading slash and lower-case `op` in PATCH instead of refusing them."""
    delete_conflict: Literal[400, 409] = 409
    """Answer to deleting an addition that was already invoiced."""

    appxite_per_minute: int = Field(0, ge=0)
    """Calls a minute before AppXite answers 429; 0 means no limit. The true limit is unknown."""
    connectwise_per_minute: int = Field(0, ge=0)
    """The same for ConnectWise, where about 1,000 is documented."""
