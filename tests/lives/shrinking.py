"""Makes a life that fails shorter, for as long as it fails: what is left is the smallest example of a fault.

Variants with the same course are customers of one installation, so a round of them costs little more than one life.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from tests.lives.life import Life, last_day_of, read_rows

Play = Callable[[Sequence[Life]], Awaitable[list[bool]]]
"""Plays lives of one course side by side; for each, whether it still fails."""

_COURSE = {"month", "pushed", "rules", "rows", "earlier", "invoiced_through"}
_WORK = ("exclude", "include", "edit")
_PLAIN: dict[str, Any] = {"cycle": "Monthly", "periods": "CalendarYear", "prorates": False}


async def shrink(life: Life, play: Play) -> Life:
    """The smallest life on the way down from this one that still fails."""
    while shorter := await _find_failing(life, play):
        life = shorter
    return life


async def _find_failing(life: Life, play: Play) -> Life | None:
    simpler = [*simplify(life)]
    for each, fails in zip(simpler, await play(simpler) if simpler else [], strict=True):
        if fails:
            return each
    for each in shorten(life):
        if (await play([each]))[0]:
            return each
    return None


def simplify(life: Life) -> Iterator[Life]:
    """The life with one thing less, the largest things first; its course stays."""
    body = _spell(life)
    if body.get("second"):
        yield _read({**body, "second": None})
    for place in range(len(body["month"])):
        yield from _without_invoices(body, place)
    yield from _without_one_row(body)
    for place in range(len(body["month"])):
        yield from _without_work(body, place)
    for name, value in _PLAIN.items():
        if body["agreement"].get(name, value) != value:
            yield _read({**body, "agreement": {**body["agreement"], name: value}})
    if life.currency != "EUR":
        yield _read({**body, "currency": "EUR"})


def shorten(life: Life) -> Iterator[Life]:
    """The life with a shorter course: a month, new rules or a push less."""
    body = _spell(life)
    for place, month in enumerate(body["month"]):
        if len(body["month"]) > 1:
            yield _read({**body, "month": body["month"][:place] + body["month"][place + 1 :]})
        if month.get("rules") is not None:
            yield _with_month(body, place, {key: value for key, value in month.items() if key != "rules"})
        pushed = month.get("pushed") or []
        for number in range(len(pushed)):
            yield _with_month(body, place, {**month, "pushed": pushed[:number] + pushed[number + 1 :]})


def _without_invoices(body: dict[str, Any], place: int) -> Iterator[Life]:
    month = body["month"][place]
    if month.get("rows"):
        yield _with_month(body, place, {key: value for key, value in month.items() if key != "rows"})
    for name in month.get("earlier", {}):
        rest = {key: value for key, value in month["earlier"].items() if key != name}
        yield _with_month(body, place, {**month, "earlier": rest})


def _without_work(body: dict[str, Any], place: int) -> Iterator[Life]:
    """Without something that people or ConnectWise do in a month."""
    month = body["month"][place]
    for name in sorted(set(month) - _COURSE):
        yield _with_month(body, place, {key: value for key, value in month.items() if key != name})
    through = last_day_of(month["month"])
    if month.get("invoiced_through", through) != through and place < len(body["month"]) - 1:
        yield _with_month(body, place, {**month, "invoiced_through": through})


def _without_one_row(body: dict[str, Any]) -> Iterator[Life]:
    """A row less, wherever its invoice comes."""
    heads = {(name, row.split(":")[0]) for month in body["month"] for name, rows in _invoices(month) for row in rows}
    for gone in sorted(heads):
        months = []
        for month in body["month"]:
            kept = {name: [row for row in rows if (name, row.split(":")[0]) != gone] for name, rows in _invoices(month)}
            rows = kept.get(month["month"], []) if month.get("rows") else []
            months.append({**month, "rows": rows, "earlier": {name: kept[name] for name in month.get("earlier", {})}})
        yield _read({**body, "month": months})


def _invoices(month: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [*month.get("earlier", {}).items(), *([(month["month"], month["rows"])] if month.get("rows") else [])]


def _with_month(body: dict[str, Any], place: int, month: dict[str, Any]) -> Life:
    return _read({**body, "month": [*body["month"][:place], month, *body["month"][place + 1 :]]})


def _spell(life: Life) -> dict[str, Any]:
    return life.model_dump(by_alias=True, exclude_defaults=True) | {"agreement": life.agreement.model_dump()}


def _read(body: dict[str, Any]) -> Life:
    """The life; what people do with a row that has not come yet is left out."""
    known: set[str] = set()
    months = []
    for month in body["month"]:
        known |= {f"{name}/{row.id}" for name, rows in _invoices(month) for row in read_rows(rows)}
        months.append({**month, **{work: _keep_known(month, work, known) for work in _WORK if work in month}})
    return Life.model_validate({**body, "month": months})


def _keep_known(month: dict[str, Any], work: str, known: set[str]) -> Any:
    kept = [row for row in month[work] if row in known or f"{month['month']}/{row}" in known]
    return {row: month[work][row] for row in kept} if isinstance(month[work], dict) else kept
