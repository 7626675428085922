"""Where a ConnectWise tenant lives, and how its API is found.

`GET {site}/login/companyinfo/{company}` says it without credentials: the codebase, the API's host (`SiteUrl`) and
version, and whether it is cloud. Where it names no host, cloud means the site's with the prefix `api-`.
"""

import base64
import ipaddress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from services.kit.upstream.http import BadUpstreamAnswer, MissingUpstream, Refused, UpstreamFault, send

ON_PREMISE_CODEBASE = "v4_6_release"
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
    """Of the API, as asked for first."""

    @cached_property
    def origin(self) -> httpx.URL:
        """Scheme and host as given; https unless http was asked for."""
        text = self.site.strip().rstrip("/")
        url = httpx.URL(text if "://" in text else f"https://{text}")
        return url.copy_with(path="/", query=None)

    def headers(self, version: str) -> dict[str, str]:
        login = f"{self.company_id}+{self.public_key}:{self.private_key}"
        return {
            "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
            "clientId": self.client_id,
            "Accept": f"application/vnd.connectwise.com+json; version={version}",
        }


@dataclass(frozen=True, slots=True)
class Site:
    """What a tenant's site says about its API."""

    api: str
    """Base of every call, without trailing slash: `https://api-na.myconnectwise.net/v2025_1/apis/3.0`."""
    version: str
    """Its newest version, such as `2025.1`; empty where it does not say."""
    company_id: str
    """As the site writes it: case matters when signing in."""


async def find_site(http: httpx.AsyncClient, account: Account) -> Site:
    """Ask the site where its API is. An unknown company raises `MissingUpstream`."""
    url = account.origin.join(f"/login/companyinfo/{quote(account.company_id, safe='')}")
    answer = await send(http, http.build_request("GET", url, headers={"Accept": "application/json"}))
    if answer.status >= SERVER_ERROR:
        raise UpstreamFault("the site does not answer", status=answer.status, raw=answer.text, where=answer.where)
    if answer.status not in (httpx.codes.OK, httpx.codes.NOT_FOUND):
        raise Refused(_refusal(answer.status, answer.headers.get("location", "")), status=answer.status)
    info: Any = answer.json() if answer.status == httpx.codes.OK else None
    if info is None:
        message = f"the site knows no company {account.company_id!r}; capital and small letters matter"
        raise MissingUpstream(message, status=answer.status, where=answer.where)
    codebase = info.get("Codebase") if isinstance(info, dict) else None
    if not isinstance(codebase, str) or not codebase.strip("/"):
        raise BadUpstreamAnswer("company info names no codebase", raw=answer.text, where=answer.where)
    return Site(
        api=f"{_api_origin(account.origin, info)}{codebase.strip('/')}/apis/3.0",
        version=_text(info, "VersionCode").removeprefix("v"),
        company_id=_text(info, "CompanyID"),
    )


def _refusal(status: int, location: str) -> str:
    if location:
        return f"the site answers with a redirect to {urlsplit(location).netloc or location}: enter that address"
    return f"the site refuses to say where its API is (status {status})"


def _api_origin(site: httpx.URL, info: dict[str, Any]) -> httpx.URL:
    """The API's host. One that the site names counts only in its own domain: credentials go nowhere else."""
    named = _text(info, "SiteUrl")
    host = urlsplit(named if "://" in named else f"https://{named}").hostname or ""
    if host == site.host:
        return site
    if host and _has_a_name(site.host) and _domain(host) == _domain(site.host):
        return site.copy_with(host=host)
    is_cloud = _text(info, "IsCloud").lower() == "true" or _text(info, "Codebase").strip("/") != ON_PREMISE_CODEBASE
    if is_cloud and _has_a_name(site.host) and not site.host.startswith("api-"):
        return site.copy_with(host=f"api-{site.host}")
    return site


def _domain(host: str) -> str:
    """Without the first label: `na.myconnectwise.net` and `api-na.myconnectwise.net` are of one domain."""
    domain = host.partition(".")[2]
    return domain if "." in domain else host


def _text(info: dict[str, Any], key: str) -> str:
    value = info.get(key)
    return "" if value is None else str(value).strip()


def _has_a_name(host: str) -> bool:
    """Addresses by number, and localhost, have no `api-` sibling."""
    if host == "localhost":
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
