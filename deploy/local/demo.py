"""Fills the demo on the first run: a partner with an owner, both stand-ins connected, most things mapped.

Everything but the partner goes through the public API, as a person would do it. Some customers stay
excluded and some things unmapped, so that every screen has something to do. May be repeated.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

from deploy.local.installation import DEMO_EMAIL, Installation
from deploy.local.tokens import sign_in
from services.sandbox import credentials

SURE = 80  # of 100: below it a suggestion is left for the person at the demo to judge
LEFT_EXCLUDED = 10  # every tenth customer stays as it arrives
MIRROR_SECONDS = 120.0
AGREEMENT_TYPE = "Cloud Subscriptions"

Json = dict[str, Any]


def main() -> None:
    installation = Installation.here()
    create_partner(installation)
    with httpx.Client(base_url=f"{installation.address('gateway')}/api/v1", timeout=60, trust_env=False) as client:
        sign_in(client, installation)
        connect(client, installation)
        mirror(client)
        map_organizations(client)
        map_products(client)
        choose_rules(client)
    (installation.folder / "demo.json").write_text(json.dumps({"owner": DEMO_EMAIL}) + "\n")


def create_partner(installation: Installation) -> None:
    """By the operator's command: nobody can sign in before there is somebody."""
    command = [sys.executable, "-m", "services.gateway.cli", "create-partner", "--name", "Northwind Cloud"]
    owner = ["--owner-email", DEMO_EMAIL, "--owner-name", "Olivia Owner", "--password-stdin"]
    password = installation.keys["TIEOUT_DEMO_PASSWORD"]
    subprocess.run([*command, *owner], input=password, text=True, check=True, stdout=subprocess.DEVNULL)


def connect(client: httpx.Client, installation: Installation) -> None:
    appxite = {
        "address": installation.address("appxite"),
        "profile": "reporting-current",
        "settings": {"seller_id": credentials.APPXITE_REQUESTER_ID},
        "secrets": {"key": credentials.APPXITE_KEY},
    }
    connectwise = {
        "address": installation.address("connectwise"),
        "settings": {"company_id": credentials.CONNECTWISE_COMPANY_ID},
        "secrets": {
            "public_key": credentials.CONNECTWISE_PUBLIC_KEY,
            "private_key": credentials.CONNECTWISE_PRIVATE_KEY,
            "client_id": credentials.CONNECTWISE_CLIENT_ID,
        },
    }
    for system, connection in (("appxite", appxite), ("connectwise", connectwise)):
        _send(client, "PUT", f"/connections/{system}", connection)
        tested = _send(client, "POST", f"/connections/{system}/test")
        if not tested["ok"]:
            raise SystemExit(f"The {system} stand-in refused the demo's credentials: {tested['checks']}")


def mirror(client: httpx.Client) -> None:
    """*Sync Organizations*, until it is done."""
    run = _send(client, "POST", "/mirrors")
    deadline = time.monotonic() + MIRROR_SECONDS
    while run["status"] not in ("succeeded", "failed"):
        if time.monotonic() > deadline:
            raise SystemExit(f"The mirrors were not read within {MIRROR_SECONDS:g} s: {run}")
        time.sleep(0.2)
        run = _send(client, "GET", f"/runs/{run['id']}")
    if run["status"] == "failed":
        raise SystemExit(f"The mirrors could not be read: {run['error']}")


def map_organizations(client: httpx.Client) -> None:
    """Most are mapped as suggested; of the doubtful, some are approved without a company."""
    approved = [item for number, item in enumerate(_items(client, "/organizations"), 1) if number % LEFT_EXCLUDED]
    sure = [item["id"] for item in approved if _is_sure(item)]
    _accept(client, "/organizations", sure)
    for item in approved:
        if item["id"] not in sure and item["company"] is None:
            change = {"state": "approved", "version": item["version"]}
            _send(client, "PATCH", f"/organizations/{item['id']}", change)


def map_products(client: httpx.Client) -> None:
    _accept(client, "/products", [item["id"] for item in _items(client, "/products") if _is_sure(item)])


def choose_rules(client: httpx.Client) -> None:
    """The agreement type is the one rule without which pages stay locked; the others have defaults."""
    types = {item["name"]: item["id"] for item in _items(client, "/agreement-types")}
    saved = _send(client, "GET", "/billing-rules")
    if saved["version"] == 0:
        rules = saved["rules"] | {"default_agreement_type_id": types[AGREEMENT_TYPE]}
        _send(client, "PUT", "/billing-rules", {"version": 0, "rules": rules})


def _is_sure(item: Json) -> bool:
    return item["suggestion"] is not None and item["suggestion"]["score"] >= SURE


def _accept(client: httpx.Client, path: str, ids: list[str]) -> None:
    if ids:
        _send(client, "POST", f"{path}/accept-suggestions", {"ids": ids})


def _items(client: httpx.Client, path: str) -> Iterator[Json]:
    """Every item of a list, page by page."""
    cursor: str | None = None
    while True:
        query = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
        page = _answer(client.get(path, params=query))
        yield from page["items"]
        cursor = page.get("next_cursor")
        if cursor is None:
            return


def _send(client: httpx.Client, method: str, path: str, body: Json | None = None) -> Json:
    return _answer(client.request(method, path, json=body))


def _answer(response: httpx.Response) -> Json:
    if response.is_error:
        raise SystemExit(f"{response.request.method} {response.request.url} → {response.status_code} {response.text}")
    answer: Json = response.json()
    return answer


if __name__ == "__main__":
    main()
