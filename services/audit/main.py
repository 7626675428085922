"""Audit's ASGI app: `uvicorn services.audit.main:app`.

`app` is made when somebody asks for it, so that importing this module needs no settings.
"""

from fastapi import FastAPI

from services.audit.settings import AuditSettings
from services.audit.system_log.api import router as system_log
from services.audit.trail.api import router as trail
from services.audit.undelivered.api import router as undelivered
from services.kit.base.process import make_app
from services.kit.web.app import create_app


def create(settings: AuditSettings) -> FastAPI:
    return create_app("audit", settings, [undelivered, system_log, trail], title="Tieout audit")


def __getattr__(name: str) -> FastAPI:
    if name == "app":
        return make_app(create, AuditSettings)
    raise AttributeError(name)
