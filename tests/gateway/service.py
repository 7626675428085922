"""A stand-in for the sync service, and the document of its few operations."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

DOCUMENT = {
    "paths": {
        "/api/v1/runs": {"get": {"operationId": "list_runs"}},
        "/api/v1/runs/{run_id}": {"get": {"operationId": "get_run"}},
        "/api/v1/loads": {"post": {"operationId": "post_load"}},
    }
}


@dataclass
class Service:
    """A stand-in for the sync service that remembers what reached it."""

    url: str = ""
    seen: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.seen.append(request)
        answer = await self.answer(request)
        await answer(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        match request.query_params.get("do"):
            case "stream":
                return StreamingResponse(self.two_halves(), media_type="text/csv")
            case "sleep":
                await self.go_on.wait()
            case "break":
                return StreamingResponse(self.break_off())
            case "long":
                return PlainTextResponse("x" * 1_000_000)
            case "problem":
                return JSONResponse({"code": "plan_is_stale"}, 409, media_type="application/problem+json")
            case "take":
                async for part in request.stream():
                    self.bodies.append(part)
        headers = {"Connection": "x-secret", "X-Secret": "1", "X-Kept": "2", "Server": "inner", "ETag": '"7"'}
        return PlainTextResponse("done", headers=headers)

    async def two_halves(self) -> AsyncIterator[bytes]:
        yield b"first,"
        await self.go_on.wait()
        yield b"second"

    async def break_off(self) -> AsyncIterator[bytes]:
        yield b"first,"
        raise RuntimeError("the service falls over")
