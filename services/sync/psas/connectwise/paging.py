"""Where a list goes on: as its Link header says, or after the highest id read, until an empty page.

A short page is never taken for the last one: servers cut pages to a size of their own, and whoever stops early
takes additions that exist for missing ones. The cost is one more call for a list that fits one page.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from services.kit.upstream.http import BadUpstreamAnswer

_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel\s*=\s*"?next"?', re.IGNORECASE)


class Walk:
    """One walk through a list of records in order of id, which must bring something new on every page."""

    def __init__(self, path: str, params: Mapping[str, str]) -> None:
        self._path = path
        self._own = dict(params)
        self._seen: set[int] = set()
        self.params: dict[str, str] = {**self._own, "pageId": "0"}
        """Of the page to ask for now."""

    def take(self, page: object) -> list[Any]:
        """The records of a page that no earlier one had. BadUpstreamAnswer for a page that leads nowhere."""
        if not isinstance(page, list):
            raise BadUpstreamAnswer("a list was expected", raw=str(page), where=self._path)
        ids = [_id_of(item) for item in page]
        fresh = {each for each in ids if each is not None} - self._seen
        if page and not fresh:
            # A server that ignores forward-only paging sends the same page for ever; so does a Link in a circle.
            raise BadUpstreamAnswer("the next page does not go forward", raw="", where=self._path)
        new = [item for item, each in zip(page, ids, strict=True) if each is None or each in fresh]
        self._seen |= fresh
        return new

    def go_on(self, headers: Mapping[str, str], asked: httpx.URL) -> bool:
        """Set `params` for the next page; False when the server says that there is none."""
        link = headers.get("link")
        if link is None:
            self.params = self._after_the_last()
            return True
        following = _NEXT.search(link)
        if following is None:
            return False
        target = asked.join(following[1])
        # Only the query of a Link is used, and only of one that stays where the credentials belong.
        is_same_place = (_place(target), target.path.rstrip("/")) == (_place(asked), asked.path.rstrip("/"))
        self.params = {**dict(target.params), **self._filters()} if is_same_place else self._after_the_last()
        return True

    def _after_the_last(self) -> dict[str, str]:
        return {**self._own, "pageId": str(max(self._seen))}

    def _filters(self) -> dict[str, str]:
        """A Link was seen to lose them."""
        return {name: value for name, value in self._own.items() if name != "pageSize"}


def _place(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _id_of(item: object) -> int | None:
    value = item.get("id") if isinstance(item, dict) else None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
