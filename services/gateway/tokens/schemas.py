"""API tokens, as the API shows them. Only `CreatedToken` carries the token itself, once."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from services.gateway.rights import Scope
from services.gateway.tokens.models import ApiTokenRow

TokenName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]


class NewToken(BaseModel):
    """What a token is for. Without `expires_in_days` it lives until it is revoked."""

    name: TokenName
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class ApiToken(BaseModel):
    id: UUID
    name: str
    scopes: list[Scope]
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None
    """To the minute."""

    @classmethod
    def of(cls, row: ApiTokenRow, created_by: str) -> Self:
        return cls.model_validate(
            {
                "id": row.id,
                "name": row.name,
                "scopes": row.scopes,
                "created_by": created_by,
                "created_at": row.created_at,
                "expires_at": row.expires_at,
                "last_used_at": row.last_used_at,
            }
        )


class CreatedToken(ApiToken):
    token: str
    """Shown this once; only its hash is kept."""
