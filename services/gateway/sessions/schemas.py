"""What signing in takes."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from services.gateway.sessions.passwords import LONGEST


def _normal(email: str) -> str:
    return email.strip().lower()


Email = Annotated[
    str, Field(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$"), AfterValidator(_normal)
]


class SignIn(BaseModel):
    email: Email
    password: SecretStr = Field(min_length=1, max_length=LONGEST)
