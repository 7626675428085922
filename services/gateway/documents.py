"""The published OpenAPI document, as JSON, as YAML, and as a page for people."""

from pathlib import Path
from typing import Any

import orjson
import yaml
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
page = StaticFiles(directory=Path(__file__).parent / "docs", html=True)


class Document:
    """The merged OpenAPI document, read once."""

    def __init__(self, file: Path) -> None:
        self.as_yaml = file.read_bytes()
        self.content: dict[str, Any] = yaml.load(self.as_yaml, Loader=yaml.CSafeLoader)
        self.as_json = orjson.dumps(self.content)


@router.get("/openapi.json")
async def show_openapi_json(request: Request) -> Response:
    return Response(request.app.state.document.as_json, media_type="application/json")


@router.get("/openapi.yaml")
async def show_openapi_yaml(request: Request) -> Response:
    return Response(request.app.state.document.as_yaml, media_type="application/yaml")
