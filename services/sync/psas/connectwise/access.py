"""*Test connection*: every right that the product needs of ConnectWise is tried, and the missing ones are named."""

from collections.abc import Awaitable, Callable
from functools import partial

from services.kit.upstream.http import CredentialsRefused, MissingUpstream, Refused, RightMissing, UpstreamError
from services.sync.psas.connectwise import additions, wire
from services.sync.psas.connectwise.channel import Channel
from services.sync.systems import Access

SIGN_IN = "Sign in"
AGREEMENTS = "/finance/agreements"
# Right as ConnectWise's security roles name it → the list that needs it.
READ_RIGHTS = {
    "Finance > Agreements: Inquire": AGREEMENTS,
    "Companies > Company Maintenance: Inquire": "/company/companies",
    "Companies > Contacts: Inquire": "/company/contacts",
    "Procurement > Product Catalog: Inquire": "/procurement/catalog",
    "Finance > Invoicing: Inquire": "/finance/invoices",
    "System > Table Setup: Inquire": "/finance/billingCycles",
}


async def check_access(channel: Channel) -> list[Access]:
    """Site and credentials first; without them the rights tell nothing."""
    signed_in = await _sign_in(channel)
    if signed_in.trouble:
        return [signed_in]
    rights = [await _try_right(right, partial(_read, channel, path)) for right, path in READ_RIGHTS.items()]
    rights.append(await _try_right("Finance > Agreements: Add", partial(_add_nothing, channel)))
    rights.append(await _try_right("Finance > Agreements: Edit", partial(_change_nothing, channel)))
    return [signed_in, *rights]


async def _sign_in(channel: Channel) -> Access:
    try:
        version = wire.read_one(await channel.get("/system/info"), lambda item: wire.text(item, "version"))
        await _read(channel, AGREEMENTS)
    except RightMissing:
        return Access(SIGN_IN, "", "the API member is known")
    except (CredentialsRefused, MissingUpstream) as fault:
        return Access(SIGN_IN, f"site, company id or keys are wrong: {fault.message}")
    except UpstreamError as fault:
        return Access(SIGN_IN, fault.message)
    return Access(SIGN_IN, "", f"ConnectWise {version}")


async def _try_right(right: str, attempt: Callable[[], Awaitable[None]]) -> Access:
    try:
        await attempt()
    except (RightMissing, CredentialsRefused) as fault:
        return Access(right, fault.message)
    except Refused as fault:
        # Anything else that is refused was let through to the record, so the right is there.
        return Access(right, "", fault.message)
    except UpstreamError as fault:
        return Access(right, fault.message)
    return Access(right, "", "granted")


async def _read(channel: Channel, path: str) -> None:
    """Read one record of a list: raises `RightMissing` where the role may not."""
    await channel.get(path, {"pageSize": "1"})


async def _add_nothing(channel: Channel) -> None:
    """Add an empty addition to no agreement: refused either way, as `RightMissing` where the role may not."""
    await channel.post(additions.list_path("0"), {})


async def _change_nothing(channel: Channel) -> None:
    """Change nothing of no addition: refused either way, as `RightMissing` where the role may not."""
    await channel.patch(additions.record_path("0", "0"), [])
