"""Who comes in: codebase, Basic credentials, client id. Also `/login/companyinfo`, which asks for none of them."""

import base64
import binascii
import re
from typing import Any

from starlette.requests import Request

from services.sandbox import credentials
from services.sandbox.connectwise.behaviour import Behaviour
from services.sandbox.connectwise.errors import forbidden, not_found, unauthorized, unsupported_version
from services.sandbox.settings import Settings

ROUTER = "v4_6_release/"
"""Works on every server, as a router to the current version."""
FIRST_CLOUD = "v2025_1/"
_NOT_FOUND = 404
_VERSION_ASKED = re.compile(r"vnd\.connectwise\.com\+json\s*;\s*version=\"?([^\s;,\"]+)", re.IGNORECASE)


class Entrance:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.codebase = settings.codebase
        self._served = {ROUTER, FIRST_CLOUD, settings.codebase}

    def move(self, codebase: str) -> None:
        """A new release: from now on only it and the router are served."""
        self.codebase = codebase
        self._served = {ROUTER, codebase}

    def company_info(self, company: str, site: str, version: str) -> dict[str, Any] | None:
        """None for an unknown company, which is answered 200 with `null`."""
        if company.lower() != credentials.CONNECTWISE_COMPANY_ID:
            return None
        return {
            "CompanyName": credentials.APPXITE_SELLER_NAME,
            "Codebase": self.codebase,
            "VersionCode": f"v{version}",
            "VersionNumber": "v4.6.94512",
            "CompanyID": credentials.CONNECTWISE_COMPANY_ID,
            "IsCloud": self.codebase != ROUTER,
            "SiteUrl": site,
            "AllowedOrigins": [],
        }

    def system_info(self, version: str) -> dict[str, Any]:
        return {
            "version": f"v{version}.94512",
            "isCloud": self.codebase != ROUTER,
            "serverTimeZone": "GMT Standard Time",
            "licenseBits": [],
            "cloudRegion": "EU",
            "maxWorkFlowRecordsAllowed": 1000,
        }

    def check(self, request: Request, behaviour: Behaviour) -> None:
        """Raises PsaError unless the caller may come in."""
        if f"{request.path_params['codebase']}/" not in self._served:
            raise not_found("Resource")
        if _basic(request.headers.get("authorization", "")) != (
            f"{credentials.CONNECTWISE_COMPANY_ID}+{credentials.CONNECTWISE_PUBLIC_KEY}:"
            f"{credentials.CONNECTWISE_PRIVATE_KEY}"
        ):
            raise not_found("Resource") if self._settings.auth_failure == _NOT_FOUND else unauthorized()
        if request.headers.get("clientid", "").lower() != credentials.CONNECTWISE_CLIENT_ID:
            raise forbidden()
        asked = _VERSION_ASKED.search(request.headers.get("accept", ""))
        if behaviour.accept_version == "known" and asked and asked[1] not in behaviour.known_versions:
            raise unsupported_version(str(request.url), asked[1])


def _basic(header: str) -> str:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
