"""*Test connection*: every right the integration needs is tried, and the missing ones are named."""

from collections.abc import Awaitable, Callable
from functools import partial

from services.kit.upstream.http import CredentialsRefused, MissingUpstream, Refused, RightMissing, UpstreamError
from services.sync.connections.schemas import ConnectionCheck
from services.sync.marketplaces.port import SourceClient
from services.sync.psas.connectwise.client import ConnectWiseClient

# Right as ConnectWise's security roles name it → the list that needs it.
READ_RIGHTS = {
    "Finance > Agreements: Inquire": "/finance/agreements",
    "Companies > Company Maintenance: Inquire": "/company/companies",
    "Companies > Contacts: Inquire": "/company/contacts",
    "Procurement > Product Catalog: Inquire": "/procurement/catalog",
    "Finance > Invoicing: Inquire": "/finance/invoices",
    "System > Table Setup: Inquire": "/finance/billingCycles",
}


async def probe_appxite(client: SourceClient) -> list[ConnectionCheck]:
    return [
        ConnectionCheck(name=f"Read {name}", ok=not trouble, detail=trouble or "can be read")
        for name, trouble in await client.check_access()
    ]


async def probe_connectwise(client: ConnectWiseClient) -> list[ConnectionCheck]:
    """Site and credentials first; without them the rights tell nothing."""
    checks = [await _reach(client)]
    if checks[0].ok:
        checks += [await _try_right(right, partial(client.probe, path)) for right, path in READ_RIGHTS.items()]
        checks.append(await _try_right("Finance > Agreements: Add", client.probe_adding))
        checks.append(await _try_right("Finance > Agreements: Edit", client.probe_editing))
    return checks


async def _reach(client: ConnectWiseClient) -> ConnectionCheck:
    name = "Sign in"
    try:
        info = await client.system_info()
        await client.probe("/finance/agreements")
    except RightMissing:
        return ConnectionCheck(name=name, ok=True, detail="the API member is known")
    except (CredentialsRefused, MissingUpstream) as fault:
        detail = f"site, company id or keys are wrong: {fault.message}"
        return ConnectionCheck(name=name, ok=False, detail=detail)
    except UpstreamError as fault:
        return ConnectionCheck(name=name, ok=False, detail=fault.message)
    return ConnectionCheck(name=name, ok=True, detail=f"ConnectWise {info.version}")


async def _try_right(right: str, attempt: Callable[[], Awaitable[None]]) -> ConnectionCheck:
    try:
        await attempt()
    except RightMissing as fault:
        return ConnectionCheck(name=right, ok=False, detail=fault.message)
    except Refused as fault:
        # Anything else that is refused was let through to the record, so the right is there.
        return ConnectionCheck(name=right, ok=not isinstance(fault, CredentialsRefused), detail=fault.message)
    except UpstreamError as fault:
        return ConnectionCheck(name=right, ok=False, detail=fault.message)
    return ConnectionCheck(name=right, ok=True, detail="granted")


def missing_rights(checks: list[ConnectionCheck]) -> list[str]:
    return [check.name for check in checks if not check.ok]
