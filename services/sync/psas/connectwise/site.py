"""Where a ConnectWise tenant lives, and how its codebase is found.

`GET {site}/login/companyinfo/{company}` names the codebase without credentials. On-premise always
says `v4_6_release/`; anything else means cloud, where the host must carry the `api-` prefix.
"""

import base64
import ipaddress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from services.kit.upstream.http import BadUpstreamAnswer, MissingUpstream, Refused, UpstreamFault, send

ON_PREMISE_CODEBASE = "v4_6_release/"
API_VERSION = "2025.1"
SERVER_ERROR = 500


@dataclass(frozen=True)
class Account:
    """The tenant's site and API member. Secrets stay out of its repr."""

    site: str
    """With or without scheme: `na.myconnectwise.net`, `https://cw.example.com`."""
    company_id: str
    public_key: str = field(repr=False)
    private_key: str = field(repr=False)
    client_id: str = field(repr=False)
    version: str = API_VERSION

    @cached_property
    def origin(self) -> httpx.URL:
        """Scheme and host as given; https unless http was asked for."""
        text = self.site.strip().rstrip("/")
        url = httpx.URL(text if "://" in text else f"https://{text}")
        return url.copy_with(path="/", query=None)

    def headers(self) -> dict[str, str]:
        login = f"{self.company_id}+{self.public_key}:{self.private_key}"
        return {
            "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
            "clientId": self.client_id,
            "Accept": f"application/vnd.connectwise.com+json; version={self.version}",
        }


def api_base(account: Account, codebase: str) -> str:
    """Base of every call, without trailing slash: `https://api-na.myconnectwise.net/v2025_1/apis/3.0`."""
    origin = account.origin
    if codebase != ON_PREMISE_CODEBASE and _has_a_name(origin.host) and not origin.host.startswith("api-"):
        origin = origin.copy_with(host=f"api-{origin.host}")
    return f"{origin}{codebase}apis/3.0"


async def discover_codebase(http: httpx.AsyncClient, account: Account) -> str:
    """The codebase with its trailing slash. An unknown company raises `MissingUpstream`."""
    url = account.origin.join(f"/login/companyinfo/{account.company_id}")
    answer = await send(http, http.build_request("GET", url, headers={"Accept": "application/json"}))
    if answer.status >= SERVER_ERROR:
        raise UpstreamFault("the site does not answer", status=answer.status, raw=answer.text, where=answer.where)
    if answer.status not in (httpx.codes.OK, httpx.codes.NOT_FOUND):
        raise Refused("the site refuses to say where its API is", status=answer.status, where=answer.where)
    info: Any = answer.json() if answer.status == httpx.codes.OK else None
    if info is None:
        message = f"the site knows no company {account.company_id!r}"
        raise MissingUpstream(message, status=answer.status, where=answer.where)
    codebase = info.get("Codebase") if isinstance(info, dict) else None
    if not isinstance(codebase, str) or not codebase.strip("/"):
        raise BadUpstreamAnswer("company info names no codebase", raw=answer.text, where=answer.where)
    return f"{codebase.strip('/')}/"


def _has_a_name(host: str) -> bool:
    """Addresses by number, and localhost, have no `api-` sibling."""
    if host == "localhost":
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
