"""*Test connection*: every right that the product needs of ConnectWise is tried, and the missing ones are named.

What is wrong with a sign-in is told apart by which question failed: the site (address, certificate, company id),
then the API with the keys, then every list at once (client id).
"""

import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial

from services.kit.upstream.http import (
    BadUpstreamAnswer,
    CredentialsRefused,
    MissingUpstream,
    OutcomeUnknown,
    Refused,
    RightMissing,
    UpstreamError,
)
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
    "Procurement > Products: Inquire": "/procurement/products",
    "System > Table Setup: Inquire": "/finance/billingCycles",
}
FOR_PROOF = frozenset({"Finance > Invoicing: Inquire", "Procurement > Products: Inquire"})
"""Rights without which plans and pushes go on."""
WITHOUT_PROOF = "needed to read what was invoiced: without it no receipt can show what was billed"
EVERYTHING_FORBIDDEN = (
    "the keys are right, and every call is forbidden: the client id is wrong or not registered, "
    "or the role of the API member has no right at all"
)
NOT_REFUSED = "not refused; only a real write can prove it"


async def check_access(channel: Channel) -> list[Access]:
    """Site and credentials first; without them the rights tell nothing."""
    try:
        version = await _sign_in(channel)
    except UpstreamError as fault:
        return [Access(SIGN_IN, await _explain_sign_in(channel, fault))]
    forbidden = 0
    rights = []
    for right, path in READ_RIGHTS.items():
        trouble = await _trouble_with(partial(_read, channel, path))
        forbidden += isinstance(trouble, RightMissing)
        rights.append(Access(right, _explain_right(right, trouble), "granted"))
    if forbidden == len(READ_RIGHTS):
        return [Access(SIGN_IN, EVERYTHING_FORBIDDEN)]
    rights.append(await _try_writing("Finance > Agreements: Add", partial(_add_nothing, channel)))
    rights.append(await _try_writing("Finance > Agreements: Edit", partial(_change_nothing, channel)))
    return [Access(SIGN_IN, "", f"ConnectWise {version}".strip()), *rights]


def _explain_right(right: str, trouble: UpstreamError | None) -> str:
    if trouble is None:
        return ""
    return f"{trouble.message.rstrip('.')} ({WITHOUT_PROOF})" if right in FOR_PROOF else trouble.message


async def _sign_in(channel: Channel) -> str:
    """The version of the server. A right that is missing does not keep anybody from signing in."""
    await channel.site()
    try:
        version = wire.read_one(await channel.get("/system/info"), lambda item: wire.text(item, "version"))
    except RightMissing:
        version = ""
    with suppress(RightMissing):
        await _read(channel, AGREEMENTS)
    return version


async def _explain_sign_in(channel: Channel, fault: UpstreamError) -> str:
    host = channel.account.origin.host
    if cause := _cause(fault, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not trusted: {getattr(cause, 'verify_message', '') or cause}"
    if _cause(fault, socket.gaierror):
        return f"there is no server named {host}: check the address"
    if not isinstance(fault, CredentialsRefused | MissingUpstream):
        return fault.message
    return await _explain_refused_sign_in(channel, fault)


async def _explain_refused_sign_in(channel: Channel, fault: UpstreamError) -> str:
    """The cloud answers bad credentials with 404, so what the site itself said decides between id and keys."""
    try:
        written = (await channel.site()).company_id
    except UpstreamError:
        return f"the company id is wrong: {fault.message}"
    given = channel.account.company_id
    if written != given and written.lower() == given.lower():
        return f"the site writes the company id {written!r}, not {given!r}; capital and small letters matter"
    return f"the public or private keys are wrong: {fault.message}"


def _cause(fault: BaseException, kind: type[BaseException]) -> BaseException | None:
    return next((each for each in _causes(fault) if isinstance(each, kind)), None)


def _causes(fault: BaseException) -> Iterator[BaseException]:
    cause = fault.__cause__ or fault.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


async def _trouble_with(attempt: Callable[[], Awaitable[None]]) -> UpstreamError | None:
    try:
        await attempt()
    except UpstreamError as fault:
        return fault
    return None


async def _try_writing(right: str, attempt: Callable[[], Awaitable[None]]) -> Access:
    """A write that fails, or is refused for its record in ConnectWise's own form, was not refused for the right."""
    fault = await _trouble_with(attempt)
    is_about_the_record = (
        isinstance(fault, Refused) and bool(fault.code) and not isinstance(fault, RightMissing | CredentialsRefused)
    )
    if fault is None or is_about_the_record or isinstance(fault, OutcomeUnknown):
        return Access(right, "", NOT_REFUSED)
    return Access(right, fault.message)


async def _read(channel: Channel, path: str) -> None:
    """Read one record of a list: raises `RightMissing` where the role may not, and for anything that is no list."""
    found = await channel.get(path, {"pageSize": "1"})
    if not isinstance(found, list):
        raise BadUpstreamAnswer("a list was expected", raw=str(found), where=path)


async def _add_nothing(channel: Channel) -> None:
    """Add an empty addition to no agreement: refused either way, as `RightMissing` where the role may not."""
    await channel.post(additions.list_path("0"), {})


async def _change_nothing(channel: Channel) -> None:
    """Change nothing of no addition: refused either way, as `RightMissing` where the role may not."""
    await channel.patch(additions.record_path("0", "0"), [])
