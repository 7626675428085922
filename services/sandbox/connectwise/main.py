"""Run with `uvicorn services.sandbox.connectwise.main:app --port 8092`."""

from services.sandbox.connectwise.app import build_app
from services.sandbox.settings import Settings

app = build_app(Settings())
