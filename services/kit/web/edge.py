"""What every app does around its routes: errors become problem+json, requests get a correlation id, bodies a bound."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.contracts.identity import CORRELATION_HEADER
from services.contracts.uploads import UPLOADS
from services.kit.base.errors import (
    BadRequest,
    FieldProblem,
    Forbidden,
    InvalidFields,
    NotFound,
    TieoutError,
    TooLarge,
    TooManyTries,
    Unauthorized,
    Unavailable,
)
from services.kit.base.ids import new_id
from services.kit.base.log import own_log_context
from services.kit.base.settings import ServiceSettings
from services.kit.web.bodies import BodyReader
from services.kit.web.database_errors import explain_database_error

log = structlog.get_logger()

LONGEST_CORRELATION_ID = 80  # the width of its column in the ledger


class MethodNotAllowed(TieoutError):
    """The address exists, but not for this verb."""

    status = 405
    action = "See the OpenAPI document for the verbs of this address."


class UnsupportedMediaType(TieoutError):
    """The body is in a format that this address does not read."""

    status = 415
    action = "Send 'Content-Type: application/json', or what the OpenAPI document says for this address."


class InternalError(TieoutError):
    """Something failed here that is not the caller's fault."""


_FACTS: tuple[type[TieoutError], ...] = (
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    UnsupportedMediaType,
    TooManyTries,
    Unavailable,
)
_BY_STATUS = {fact.status: fact for fact in _FACTS}


class Correlation:
    """Gives each request a correlation id, in the log and in the answer; a crash becomes an answer too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(CORRELATION_HEADER.encode(), b"").decode("ascii", "ignore")
        correlation_id = given if 0 < len(given) <= LONGEST_CORRELATION_ID and given.isprintable() else str(new_id())
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        has_begun = False

        async def send_with_id(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message["headers"] = [*message["headers"], (CORRELATION_HEADER.encode(), correlation_id.encode())]
            await send(message)

        with own_log_context(correlation_id=correlation_id):
            try:
                await self._app(scope, receive, send_with_id)
            except ClientDisconnect:
                log.info("client went away", path=scope["path"])
            except Exception as error:
                answer = _explain_crash(error, scope)
                if has_begun:
                    raise  # half an answer cannot be mended: the server breaks the connection
                await answer(scope, receive, send_with_id)


def _explain_crash(error: Exception, scope: Scope) -> Response:
    fact = explain_database_error(error) or InternalError("Something failed inside Tieout.")
    if isinstance(fact, BadRequest):
        log.info("request refused", path=scope["path"], method=scope["method"], code=fact.code(), error=str(error))
    else:
        log.error("request crashed", path=scope["path"], method=scope["method"], exc_info=error)
    return render(fact, scope["state"]["correlation_id"])


def render(error: TieoutError, correlation_id: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """A problem+json answer."""
    problem = error.problem().model_copy(update={"correlation_id": correlation_id})
    extra = {"WWW-Authenticate": "Bearer"} if error.status == Unauthorized.status else {}
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status_code=error.status,
        media_type="application/problem+json",
        headers=extra | dict(headers or {}),
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
    return render(InvalidFields([_describe(each) for each in error.errors()]), _correlation_of(request))


def _describe(error: Mapping[str, Any]) -> FieldProblem:
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "unreadable")
        return FieldProblem(field="body", message=f"This is not JSON: {reason} at character {error['loc'][-1]}")
    path = ".".join(str(part) for part in error["loc"] if part != "body") or "body"
    return FieldProblem(field=path, message=error["msg"].removeprefix("Value error, "))


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if error.status_code == NotFound.status:
        fact: TieoutError = NotFound(f"There is nothing at {path}.")
    elif error.status_code == MethodNotAllowed.status:
        fact = MethodNotAllowed(f"{request.method} is not allowed on {path}.")
    else:
        client_fault = error.status_code < 500  # noqa: PLR2004 - server errors
        kind = _BY_STATUS.get(error.status_code, BadRequest if client_fault else InternalError)
        fact = kind(f"{path}: {error.detail}")
    return render(fact, _correlation_of(request), error.headers)


def harden(app: FastAPI, settings: ServiceSettings) -> None:
    """Install the exception handlers and the middleware of this module."""
    app.add_exception_handler(TieoutError, _on_fact)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_middleware(
        BodyReader,
        max_bytes=settings.max_body_bytes,
        seconds=settings.body_seconds,
        render=render,
        uploads=dict.fromkeys(UPLOADS, (settings.max_upload_bytes, settings.upload_seconds)),
    )
    app.add_middleware(Correlation)
