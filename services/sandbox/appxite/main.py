"""Run with `uvicorn services.sandbox.appxite.main:app --port 8091`."""

from services.sandbox.appxite.app import build_app
from services.sandbox.settings import Settings

app = build_app(Settings())
