"""The product's public API and its stand-ins' control API, as a program outside uses them."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from deploy.local.tokens import issue_token
from tests.support.product import Product

RUN_SECONDS = 300.0
LOOK_EVERY = 0.1


class Api:
    """The public API with a token of the demo's owner. Long work is asked about every `look_every` seconds."""

    def __init__(self, product: Product, look_every: float = LOOK_EVERY) -> None:
        self._product = product
        self._look_every = look_every
        self.client = httpx.Client(
            base_url=f"{product.address}/api/v1",
            headers={"Authorization": f"Bearer {issue_token(product.installation)}"},
            timeout=60,
            trust_env=False,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.client.post(path, json=body).raise_for_status().json()

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def finish_run(self, run: Mapping[str, Any]) -> dict[str, Any]:
        return self._poll(f"/runs/{run['id']}", lambda seen: seen["status"] in ("succeeded", "failed", "held"))

    def finish_plan(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        return self._poll(f"/plans/{plan['id']}", lambda seen: seen["status"] != "computing")

    def finish_bulk_edit(self, bulk_edit: Mapping[str, Any]) -> dict[str, Any]:
        """Until its preview is there, or what changes its lines is done."""
        return self._poll(f"/bulk-edits/{bulk_edit['id']}", lambda seen: not seen["status"].endswith("ing"))

    def load(self, *periods: str) -> dict[str, Any]:
        return self.finish_run(self.post("/loads", {"periods": list(periods)}))

    def plan(self, period: str) -> dict[str, Any]:
        return self.finish_plan(self.post("/plans", {"period": period}))

    def apply(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        return self.finish_run(self.post(f"/plans/{plan['id']}/apply"))

    def sandbox(self, system: str, path: str, wish: Mapping[str, Any] | None = None) -> Any:
        """One call of a stand-in's control API: POST with `wish` as its body, GET without."""
        address = f"{self._product.installation.address(system)}/_sandbox/{path}"
        with httpx.Client(timeout=60, trust_env=False) as client:
            answer = client.get(address) if wish is None else client.post(address, json=wish)
            return answer.raise_for_status().json()

    def _poll(self, path: str, is_over: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + RUN_SECONDS
        while True:
            seen: dict[str, Any] = self.get(path)
            if is_over(seen):
                return seen
            if time.monotonic() > deadline:
                raise AssertionError(f"{path} is not over after {RUN_SECONDS:g} s: {seen}")
            time.sleep(self._look_every)
