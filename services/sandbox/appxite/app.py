"""Puts AppXite's stand-in together."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.appxite.archive import InvoiceChange
from services.sandbox.appxite.current import current_routes
from services.sandbox.appxite.errors import TONGUE, ReportingError, answer_error, error_body
from services.sandbox.appxite.legacy import legacy_routes
from services.sandbox.appxite.marketplace import Marketplace
from services.sandbox.appxite.world_order import MarketplaceWorldOrder
from services.sandbox.calls import Calls
from services.sandbox.control import control_routes, order_route
from services.sandbox.edge import Edge
from services.sandbox.settings import Settings
from services.sandbox.store import Store


def build_app(settings: Settings) -> Edge:
    marketplace = Marketplace(Store(settings.dir / "appxite.sqlite3"), settings)
    calls = Calls(settings.appxite_per_minute)
    inner = Starlette(
        routes=[
            *control_routes(marketplace, calls, lambda: edge),
            order_route("invoices", InvoiceChange, marketplace.change),
            order_route("world", MarketplaceWorldOrder, marketplace.take_world),
            *current_routes(marketplace),
            *legacy_routes(marketplace),
        ],
        exception_handlers={ReportingError: answer_error, 404: _not_found},
    )
    edge = Edge(inner, marketplace.faults, calls, TONGUE)
    return edge


async def _not_found(_: Request, __: Exception) -> Response:
    return Response(error_body(404, "Resource not found"), 404, media_type="application/json")
