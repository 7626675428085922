"""What signing in takes."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from services.gateway.sessions.passwords import LONGEST

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$"
    ),
]


class SignIn(BaseModel):
    email: Email
    password: SecretStr = Field(min_length=1, max_length=LONGEST)
