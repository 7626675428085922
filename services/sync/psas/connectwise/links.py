"""Where people find a record in ConnectWise's own screens.

The router of its web client opens a record by type and id, on every site under the codebase that always works. A
stand-in on this machine has no screens.
"""

from urllib.parse import urlencode

import httpx

from services.sync.psas.connectwise.site import ON_PREMISE_CODEBASE, Account

_API_PREFIX = "api-"


def link_to_agreement(account: Account, agreement_id: str) -> str | None:
    site = account.origin
    if site.host in ("localhost", "127.0.0.1", "::1"):
        return None
    asked = urlencode({"recordType": "AgreementFV", "recid": agreement_id, "companyName": account.company_id})
    path = f"/{ON_PREMISE_CODEBASE}/services/system_io/router/openrecord.rails?{asked}"
    return str(_without_api(site).join(path))


def _without_api(site: httpx.URL) -> httpx.URL:
    """People sign in at `na.myconnectwise.net`, also where the API's own host was entered."""
    return site.copy_with(host=site.host.removeprefix(_API_PREFIX))
