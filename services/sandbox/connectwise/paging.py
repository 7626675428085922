"""Pages and their Link headers, navigable and forward-only."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from services.sandbox.connectwise.errors import bad_request
from services.sandbox.seed.references import Record

DEFAULT_SIZE, LARGEST_SIZE = 25, 1000


class Query(NamedTuple):
    """A request's query with lower-cased names, and what its links need."""

    address: str
    """URL without query."""
    params: dict[str, str]
    sent: list[tuple[str, str]]
    """As sent, for links that must keep the filters."""
    forward_only: bool
    limit: int = LARGEST_SIZE
    """Most records of a page."""

    def number(self, name: str, default: int) -> int:
        text = self.params.get(name, "")
        return int(text) if text.isdigit() and int(text) > 0 else default

    @property
    def size(self) -> int:
        """Larger page sizes are capped silently."""
        return min(self.number("pagesize", DEFAULT_SIZE), LARGEST_SIZE, self.limit)

    @property
    def filters(self) -> bool:
        return any(self.params.get(name) for name in ("conditions", "childconditions", "customfieldconditions"))


def cut_page(records: list[Record], query: Query) -> tuple[list[Record], Mapping[str, str]]:
    """The records of the page asked for, and its headers. Records are in their final order."""
    return _forward(records, query) if query.forward_only else _navigable(records, query)


def _navigable(records: list[Record], query: Query) -> tuple[list[Record], Mapping[str, str]]:
    """No Link at all when everything fits one page; `last` never ends the header of the last page."""
    page, size = query.number("page", 1), query.size
    pages = -(-len(records) // size)
    cut = records[(page - 1) * size : page * size]
    if pages <= 1:
        return cut, {}
    links = []
    if page > 1:
        links = [_link(query, "page", 1, "first"), _link(query, "page", min(page - 1, pages), "prev")]
    if page < pages:
        links += [_link(query, "page", page + 1, "next"), _link(query, "page", pages, "last")]
    return cut, {"Link": ", ".join(links)}


def _forward(records: list[Record], query: Query) -> tuple[list[Record], Mapping[str, str]]:
    """Ids after `pageId`; the Link is always there, and empty at the end."""
    if query.params.get("orderby"):
        raise bad_request("orderBy is not allowed with forward-only pagination.")
    after = query.number("pageid", 0)
    cut = [record for record in records if record["id"] > after][: query.size]
    return cut, {"Link": _link(query, "pageId", cut[-1]["id"], "next") if cut else ""}


def _link(query: Query, name: str, value: int, rel: str) -> str:
    """The same URL with `name` moved to the end: two clients read the page number from there."""
    kept = [(key, text) for key, text in query.sent if key.lower() not in ("page", "pageid", "pagesize")]
    text = urlencode([*kept, ("pageSize", str(query.size)), (name, str(value))], quote_via=quote)
    return f'<{query.address}?{text}>; rel="{rel}"'
