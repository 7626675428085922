"""The front end: files as they were built, and its first page for every address it draws itself."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.kit.base.errors import NotFound

FIRST_PAGE = "index.html"
FOR_EVER = "public, max-age=31536000, immutable"  # their names change with their content
ASK_FIRST = "no-cache"


class FrontEndNotBuilt(NotFound):
    """There is no front end to serve."""

    action = "Build it (npm run build in frontend/), or set TIEOUT_SPA_DIR to where it is. The API is under /api/v1."


class Spa(StaticFiles):
    """Serves a folder of built files; a path without a file is the front end's own business."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def check_config(self) -> None:
        """The folder may be built after the gateway has started."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            # A missing file stays missing: a page in place of a script would only hide the cause.
            names_a_file = path != "." and "." in path.rpartition("/")[2]
            if error.status_code != 404 or names_a_file:  # noqa: PLR2004 - not found
                raise
            response = await self._first_page(scope)
        is_hashed = path.startswith("assets/") and response.status_code < 400  # noqa: PLR2004 - a file, or unchanged
        response.headers["cache-control"] = FOR_EVER if is_hashed else ASK_FIRST
        return response

    async def _first_page(self, scope: Scope) -> Response:
        try:
            return await super().get_response(FIRST_PAGE, scope)
        except HTTPException as error:
            raise FrontEndNotBuilt("The front end is not built.") from error
