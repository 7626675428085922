"""The control API `/_sandbox/` that both stand-ins share. No authentication, loopback only.

    POST reset {seed?, lines?, today?}     forget every change; must be told to both stand-ins
    POST faults {kind, …}                  see `faults.FaultOrder`; GET lists them, DELETE [/id] takes them back
    POST latency {seconds}                 on every call; POST rate {per_minute} limits them, 0 does not
    GET  calls · DELETE calls              what was asked, by method and path template
    GET  state · GET health

AppXite adds `POST invoices` (status, vanish, reprice); ConnectWise adds `POST invoicing` (next invoice date) and
`POST codebase`.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import exact_json
from services.sandbox.calls import Calls
from services.sandbox.edge import CONTROL_PREFIX, Edge
from services.sandbox.faults import FaultBook, FaultOrder


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ResetOrder(Body):
    """What to begin again with; what is absent comes from the environment."""

    seed: int | None = None
    lines: Annotated[int, Field(ge=100, le=2_000_000)] | None = None
    today: date | None = None


class LatencyOrder(Body):
    seconds: Annotated[float, Field(ge=0, le=60)]


class RateOrder(Body):
    per_minute: Annotated[int, Field(ge=0)]


class StandIn(Protocol):
    """What the control API needs of the state of a stand-in."""

    faults: FaultBook

    def reset(self, order: ResetOrder) -> dict[str, Any]: ...

    def summary(self) -> dict[str, Any]: ...


Endpoint = Callable[[Request], Awaitable[Response]]
BodyT = TypeVar("BodyT", bound=BaseModel)


def answer(value: object, status: int = 200) -> Response:
    return Response(exact_json.dumps(value), status, media_type="application/json")


def order_route(name: str, model: type[BodyT], obey: Callable[[BodyT], object], status: int = 200) -> Route:
    """`POST /_sandbox/{name}` with a JSON body of `model` (none reads as `{}`); 422 says what is wrong with it."""

    async def endpoint(request: Request) -> Response:
        try:
            order = model.model_validate_json(await request.body() or b"{}")
        except ValidationError as error:
            return Response(error.json(include_url=False), 422, media_type="application/json")
        return answer(obey(order), status)

    return _route(name, endpoint, "POST")


def reading_route(name: str, read: Callable[[], object]) -> Route:
    """`GET /_sandbox/{name}`."""

    async def endpoint(_: Request) -> Response:
        return answer(read())

    return _route(name, endpoint, "GET")


def control_routes(stand_in: StandIn, calls: Calls, edge: Callable[[], Edge]) -> list[Route]:
    """`edge` is asked for late, because it wraps the app these routes belong to."""

    def reset(order: ResetOrder) -> object:
        world = stand_in.reset(order)
        stand_in.faults.clear()
        calls.clear()
        edge().latency = 0.0
        return world

    def set_latency(order: LatencyOrder) -> object:
        edge().latency = order.seconds
        return {"seconds": order.seconds}

    def set_rate(order: RateOrder) -> object:
        calls.per_minute = order.per_minute
        return {"per_minute": order.per_minute}

    async def clear_faults(request: Request) -> Response:
        stand_in.faults.clear(request.path_params.get("fault_id"))
        return Response(status_code=204)

    async def clear_calls(_: Request) -> Response:
        calls.clear()
        return Response(status_code=204)

    return [
        order_route("reset", ResetOrder, reset),
        order_route("faults", FaultOrder, lambda order: stand_in.faults.place(order).model_dump(mode="json"), 201),
        order_route("latency", LatencyOrder, set_latency),
        order_route("rate", RateOrder, set_rate),
        reading_route("faults", stand_in.faults.as_json),
        reading_route("calls", calls.as_json),
        reading_route("state", stand_in.summary),
        reading_route("health", lambda: {"status": "ok"}),
        _route("faults", clear_faults, "DELETE"),
        _route("faults/{fault_id:int}", clear_faults, "DELETE"),
        _route("calls", clear_calls, "DELETE"),
    ]


def _route(name: str, endpoint: Endpoint, method: str) -> Route:
    return Route(f"{CONTROL_PREFIX}/{name}", endpoint, methods=[method])
