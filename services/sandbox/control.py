"""The control API `/_sandbox/` that both stand-ins share. No authentication, loopback only.

    POST reset {seed?, lines?, today?}     forget every change; must be told to both stand-ins
    POST faults {kind, …}                  see `faults.FaultOrder`; GET lists them, DELETE [/id] takes them back
    POST latency {seconds}                 on every call; POST rate {per_minute} limits them, 0 does not
    POST world {…}                         records of one's own, added or as the whole world
    GET  calls · DELETE calls              what was asked, by method and path template
    GET  state · GET health

AppXite adds `POST invoices` (status, vanish, reprice). ConnectWise adds `behaviour`, `invoice-agreements`,
`write-off`, `invoicing`, `codebase` and the deletion of records. docs/sandbox.md describes every order.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar

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


class OrderFault(NamedTuple):
    field: str
    """Path of what is wrong, as in `additions[3].agreement_id`; empty for the order as a whole."""
    message: str


class OrderRefused(Exception):
    """The order cannot be obeyed, and nothing of it was done."""

    def __init__(self, *faults: OrderFault) -> None:
        super().__init__("; ".join(": ".join(filter(None, fault)) for fault in faults))
        self.faults = faults


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
            return answer(obey(read_order(model, await request.body())), status)
        except OrderRefused as refusal:
            return refuse(refusal)

    return _route(name, endpoint, "POST")


def record_route(name: str, obey: Callable[[Request], object]) -> Route:
    """`POST /_sandbox/{name}`, an order without a body about the record that the path names."""

    async def endpoint(request: Request) -> Response:
        try:
            return answer(obey(request))
        except OrderRefused as refusal:
            return refuse(refusal)

    return _route(name, endpoint, "POST")


def read_order(model: type[BodyT], body: bytes) -> BodyT:
    """The order in a body, its numbers exact. Raises OrderRefused."""
    try:
        return model.model_validate(exact_json.loads(body or b"{}"))
    except ValidationError as error:
        raise OrderRefused(*(OrderFault(_path(each["loc"]), each["msg"]) for each in error.errors())) from None
    except ValueError as error:
        raise OrderRefused(OrderFault("", f"the body is not JSON: {error}")) from None


def refuse(refusal: OrderRefused) -> Response:
    errors = [fault._asdict() for fault in refusal.faults]
    return answer({"message": f"Nothing was done. {refusal}", "errors": errors}, 422)


def _path(steps: tuple[int | str, ...]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".")


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
