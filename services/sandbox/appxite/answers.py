"""Bare JSON arrays, streamed in pieces so that 100,000 rows never lie in memory at once."""

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice

from starlette.responses import Response, StreamingResponse

from services.sandbox import exact_json
from services.sandbox.appxite.shapes import Json

_PIECE = 400  # rows per piece: about half a megabyte, made in about 10 ms


def array(records: Iterable[Json]) -> Response:
    return StreamingResponse(_pieces(iter(records)), media_type="application/json")


async def _pieces(records: Iterator[Json]) -> AsyncIterator[bytes]:
    opening = b"["
    while piece := list(islice(records, _PIECE)):
        yield opening + exact_json.dumps(piece)[1:-1]
        opening = b","
    yield b"]" if opening == b"," else b"[]"
