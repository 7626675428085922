"""A small service built with `create_app`, for tests of everything a request passes through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import structlog
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import text
from starlette.exceptions import HTTPException

from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.money import Amount
from services.kit.base.errors import Conflict, problems
from services.kit.base.settings import ServiceSettings
from services.kit.web.app import OncePerKey, Reading, Who, Writing, create_app
from services.kit.web.identity import sign_identity
from services.kit.web.paging import Cursor, Limit
from tests.kit.conftest import leave_trace

KEY = "a key that signs identities in these tests"
router = APIRouter()
log = structlog.get_logger()


class Order(BaseModel):
    name: str
    price: Amount
    amounts: list[Amount] = []


class Sold(BaseModel):
    name: str
    serial: str


class ShopIsClosed(Conflict):
    """Nothing is sold today."""

    action = "Come back tomorrow."


@router.post("/orders", responses=problems(ShopIsClosed))
async def sell(order: Order, session: Writing, once: OncePerKey) -> Sold:
    async def make() -> Sold:
        await leave_trace(session, order.name)
        if order.name == "closed":
            raise ShopIsClosed("The shop is closed.", current={"opens": "08:00"})
        serial = (await session.execute(text("SELECT gen_random_uuid()::text"))).scalar_one()
        return Sold(name=order.name, serial=serial)

    return await once(session, Sold, make)


@router.get("/orders")
async def list_orders(session: Reading, limit: Limit = 2, cursor: Cursor = None) -> int:
    return int((await session.execute(text("SELECT count(*) FROM bus.idempotency"))).scalar_one())


@router.get("/echo")
async def echo(session: Reading, said: Annotated[str, Query()]) -> str:
    return str((await session.execute(text("SELECT CAST(:said AS text)"), {"said": said})).scalar_one())


@router.get("/sleep")
async def sleep(session: Reading, seconds: float) -> None:
    await session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


@router.get("/number")
async def find_number(session: Reading, number: int) -> bool:
    query = text("SELECT CAST(:number AS integer) > 0")
    return bool((await session.execute(query, {"number": number})).scalar_one())


@router.get("/context")
async def show_context(who: Who) -> dict[str, Any]:
    return {"actor": who.actor_id} | structlog.contextvars.get_contextvars()


@router.get("/public")
async def show_public() -> dict[str, Any]:
    return dict(structlog.contextvars.get_contextvars())


@router.get("/crash")
async def crash() -> None:
    raise RuntimeError("sasKey=hunter2 was refused")


@router.get("/half")
async def answer_half() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"the first half"
        raise RuntimeError("no second half")

    return StreamingResponse(parts())


@router.get("/http/{status}")
async def raise_http(status: int) -> None:
    raise HTTPException(status, "said Starlette")


@router.post("/late")
async def fail_at_commit(session: Writing) -> str:
    await session.execute(text("CREATE TEMPORARY TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    await session.execute(text("INSERT INTO late VALUES (1), (1)"))
    return "done"


@router.post("/upload")
async def upload(request: Request) -> int:
    return len(await request.body())


def settings_for(database_url: str, redis_url: str, **others: Any) -> ServiceSettings:
    told = {"database_url": database_url, "redis_url": redis_url, "internal_key": KEY, "log_level": "INFO"}
    return ServiceSettings(**(told | others))


def headers_of(who: Identity, **others: str) -> dict[str, str]:
    return {IDENTITY_HEADER: sign_identity(who, KEY)} | others


@asynccontextmanager
async def open_shop(settings: ServiceSettings, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app("sync", settings, [router], title="Shop", **options)
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop")
