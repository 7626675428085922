"""Errors are facts with a status; the edge renders them as `application/problem+json`.

    TieoutError
     ├─ BadRequest 400      ├─ NotFound 404     ├─ TooLarge 413
     ├─ Unauthorized 401    ├─ Conflict 409     ├─ Unprocessable 422
     └─ Forbidden 403       └─ TooManyTries 429 └─ Unavailable 503

A subclass is named for the fact (`PlanIsStale`), its `code` never changes, its message says what
happened and its `action` what to do.
"""

import re
from typing import Any, ClassVar

from pydantic import BaseModel, JsonValue


class FieldProblem(BaseModel):
    """One thing wrong with one field; `field` is a dotted path into the request."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details with a stable `code` and what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    action: str
    errors: list[FieldProblem] | None = None
    current: JsonValue = None
    correlation_id: str | None = None


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class TieoutError(Exception):
    """A fact that stops a request. `extra` adds members to the problem, such as the current state."""

    status: ClassVar[int] = 500
    action: ClassVar[str] = "Try again; if it stays, look into the system log with the correlation id."

    def __init__(self, detail: str, *, action: str | None = None, current: JsonValue = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.what_to_do = action or self.action
        self.current = current

    @classmethod
    def code(cls) -> str:
        return _snake(cls.__name__)

    def problem(self) -> Problem:
        return Problem(
            type=f"urn:tieout:problem:{self.code()}",
            title=self.code().replace("_", " ").capitalize(),
            status=self.status,
            code=self.code(),
            detail=self.detail,
            action=self.what_to_do,
            current=self.current,
        )


class BadRequest(TieoutError):
    status = 400
    action = "Correct the request and send it again."


class Unauthorized(TieoutError):
    status = 401
    action = "Sign in, or send a valid API token as 'Authorization: Bearer …'."


class Forbidden(TieoutError):
    status = 403
    action = "Ask an owner of this partner for a role that allows it."


class NotFound(TieoutError):
    status = 404
    action = "Check the id; list the collection to see what exists."


class Conflict(TieoutError):
    status = 409
    action = "Read the current state and decide again."


class TooLarge(TieoutError):
    status = 413
    action = "Send less at once."


class Unprocessable(TieoutError):
    status = 422
    action = "Correct the fields named in 'errors' and send it again."


class TooManyTries(TieoutError):
    status = 429
    action = "Wait a minute and try again."


class Unavailable(TieoutError):
    status = 503
    action = "Try again in a moment."


class InvalidFields(Unprocessable):
    """The request does not have the shape or values it must have."""

    def __init__(self, fields: list[FieldProblem]) -> None:
        super().__init__("; ".join(f"{field.field}: {field.message}" for field in fields))
        self.fields = fields

    def problem(self) -> Problem:
        return super().problem().model_copy(update={"errors": self.fields})


class BodyTooLarge(TooLarge):
    """The request body is larger than this service accepts."""


def problems(*errors: type[TieoutError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that can raise these errors, typed for clients."""
    described: dict[int | str, dict[str, Any]] = {}
    for error in sorted(errors, key=lambda each: each.status):
        codes = [each.code() for each in errors if each.status == error.status]
        described[error.status] = {"model": Problem, "description": ", ".join(codes)}
    return described
