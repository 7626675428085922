"""Reading a JSON array item by item while it arrives, so that a month of rows is never held at once."""

import codecs
from collections.abc import AsyncIterator
from typing import Any

from services.kit.upstream.http import BadUpstreamAnswer, decode_json_at

_BLANK = " \t\r\n"
LONGEST_ITEM = 4_000_000  # characters; one record beyond this is no record


async def stream_items(chunks: AsyncIterator[bytes], where: str) -> AsyncIterator[tuple[Any, str]]:
    """Each item of the array with its own text.

    Raises:
        BadUpstreamAnswer: the body is no array, or breaks off; items before the break were yielded.
    """
    reader = _ArrayReader(where)
    decode = codecs.getincrementaldecoder("utf-8-sig")(errors="replace").decode
    async for chunk in chunks:
        for found in reader.feed(decode(chunk)):
            yield found
    for found in reader.feed(decode(b"", True)):
        yield found
    reader.finish()


class _ArrayReader:
    """A cursor over the text not yet understood. States: before `[`, expecting an item, after an item, closed."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._text = ""
        self._at = 0
        self._state = "before"

    def feed(self, text: str) -> list[tuple[Any, str]]:
        """Items that became complete."""
        self._text = self._text[self._at :] + text
        self._at = 0
        found = []
        while self._state != "closed" and self._skip_blank():
            item = self._step()
            if item is None:
                break
            if item is not _NOTHING:
                found.append(item)
        return found

    def finish(self) -> None:
        if self._state != "closed":
            raise self._bad("the answer breaks off")

    def _skip_blank(self) -> bool:
        text, at = self._text, self._at
        while at < len(text) and text[at] in _BLANK:
            at += 1
        self._at = at
        return at < len(text)

    def _step(self) -> Any:
        """One item, `_NOTHING` after punctuation, None when more text is needed."""
        sign = self._text[self._at]
        if self._state == "before":
            if sign != "[":
                raise self._bad("HTML instead of JSON" if sign == "<" else "a list was expected")
            self._state = "item or end"
        elif sign == "]" and self._state != "item":
            self._state = "closed"
        elif self._state == "after":
            if sign != ",":
                raise self._bad("unreadable JSON")
            self._state = "item"
        else:
            return self._read_item()
        self._at += 1
        return _NOTHING

    def _read_item(self) -> Any:
        try:
            item, end = decode_json_at(self._text, self._at)
        except ValueError:
            # Incomplete, most likely; whether it is wrong shows when nothing more comes.
            if len(self._text) - self._at > LONGEST_ITEM:
                raise self._bad("unreadable JSON") from None
            return None
        if end == len(self._text) and not isinstance(item, dict | list | str):
            return None  # a number at the edge may go on in the next chunk
        raw = self._text[self._at : end]
        self._at, self._state = end, "after"
        return item, raw

    def _bad(self, message: str) -> BadUpstreamAnswer:
        return BadUpstreamAnswer(message, raw=self._text[self._at :], where=self._where)


_NOTHING = object()
