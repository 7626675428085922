"""The skin of every app: errors become problem+json, bodies have a limit, requests a correlation id."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.contracts.identity import CORRELATION_HEADER
from services.kit.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    FieldProblem,
    Forbidden,
    InvalidFields,
    NotFound,
    TieoutError,
    Unauthorized,
)
from services.kit.ids import new_id

log = structlog.get_logger()

LONGEST_CORRELATION_ID = 80  # the width of its column in the ledger

_BY_STATUS: dict[int, type[TieoutError]] = {400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound}


class MethodNotAllowed(TieoutError):
    """The address exists, but not for this verb."""

    status = 405
    action = "See the OpenAPI document for the verbs of this address."


class InternalError(TieoutError):
    """Something failed here that is not the caller's fault."""


class _BodyLimitPassed(Exception):
    """The body grew past the limit while it was read."""


class Correlation:
    """Gives each request a correlation id, in the log and in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(CORRELATION_HEADER.encode(), b"").decode("ascii", "ignore")
        correlation_id = given if 0 < len(given) <= LONGEST_CORRELATION_ID and given.isprintable() else str(new_id())
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (CORRELATION_HEADER.encode(), correlation_id.encode())]
            await send(message)

        await self._app(scope, receive, send_with_id)


class BodyLimit:
    """Refuses bodies over the limit, by their declared length or while they come."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max:
            await self._refuse(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max:
                raise _BodyLimitPassed
            return message

        try:
            await self._app(scope, counted, send)
        except _BodyLimitPassed:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = BodyTooLarge(f"The request body is larger than {self._max:,} bytes.")
        await render(error, scope.get("state", {}).get("correlation_id"))(scope, receive, send)


def render(error: TieoutError, correlation_id: str | None = None) -> Response:
    """A problem+json answer."""
    problem = error.problem().model_copy(update={"correlation_id": correlation_id})
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status_code=error.status,
        media_type="application/problem+json",
    )


def _correlation_of(request: Request) -> str | None:
    return getattr(request.state, "correlation_id", None)


async def _on_fact(request: Request, error: Exception) -> Response:
    if not isinstance(error, TieoutError):
        raise error
    if error.status >= 500:  # noqa: PLR2004 - server errors
        log.error("request failed", code=error.code(), path=request.url.path, exc_info=error)
    return render(error, _correlation_of(request))


async def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [FieldProblem(field=_path_of(each["loc"]), message=each["msg"]) for each in error.errors()]
    return render(InvalidFields(fields), _correlation_of(request))


def _path_of(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405:  # noqa: PLR2004 - the one status without a subclass of general use
        fact: TieoutError = MethodNotAllowed(f"{request.method} is not allowed on {request.url.path}.")
    else:
        fact = _BY_STATUS.get(error.status_code, Conflict)(f"{request.url.path}: {error.detail}")
    return render(fact, _correlation_of(request))


async def _on_crash(request: Request, error: Exception) -> Response:
    log.error("request crashed", path=request.url.path, method=request.method, exc_info=error)
    return render(InternalError("Something failed inside Tieout."), _correlation_of(request))


def harden(app: FastAPI, max_body_bytes: int) -> None:
    """Dress an app with the skin described above."""
    app.add_exception_handler(TieoutError, _on_fact)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_crash)
    app.add_middleware(BodyLimit, max_bytes=max_body_bytes)
    app.add_middleware(Correlation)
