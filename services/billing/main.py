"""Billing's ASGI app: `uvicorn services.billing.main:app`.

`app` is made when somebody asks for it, so that importing this module needs no settings.
"""

from fastapi import FastAPI

from services.billing.billing_rules.api import router as configuration
from services.billing.bulk_edits.api import router as bulk_edits
from services.billing.line_files.api import router as line_files
from services.billing.line_views.api import router as line_views
from services.billing.lines.api import router as lines
from services.billing.lines.decisions.api import router as decisions
from services.billing.mapping.api import router as mapping
from services.billing.mirrors.api import router as references
from services.billing.rating.api import router as rating
from services.billing.settings import BillingSettings
from services.kit.base.process import make_app
from services.kit.web.app import create_app


def create(settings: BillingSettings) -> FastAPI:
    return create_app(
        "billing",
        settings,
        [decisions, line_files, lines, line_views, bulk_edits, mapping, references, rating, configuration],
        title="Tieout billing",
    )


def __getattr__(name: str) -> FastAPI:
    if name == "app":
        return make_app(create, BillingSettings)
    raise AttributeError(name)
