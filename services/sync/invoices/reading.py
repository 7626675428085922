"""Reading what the PSA has invoiced: what is new or changed since the last time, and what is gone.

Of a hundred agreements that were read before, two calls tell whether anything is new: one lists what has changed since
the newest invoice that is known, one counts them all. Only where the count is another one, their invoices are listed
in full, and those that a list lacks are read by id, because lists lag behind.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.kit.upstream.http import MissingUpstream, RightMissing
from services.sync.psas.invoice import PsaInvoice
from services.sync.psas.port import Psa
from services.sync.unreadable import Unreadable

GROUP = 100
"""Agreements in one question."""
OVERLAP = timedelta(days=1)
"""Asked for once more: a list may show an invoice later than a younger one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the invoices of our agreements before they are read."""

    invoices: Mapping[str, Mapping[str, PsaInvoice]]
    """Agreement → invoice id → invoice as last read, without those that are gone."""
    were_read: Collection[str]
    """Agreements that were read before."""
    newest: datetime | None
    """When the newest invoice changed, by the PSA's clock."""


@dataclass(slots=True)
class Found:
    """What a reading brought."""

    fresh: dict[str, list[PsaInvoice]] = field(default_factory=lambda: defaultdict(list))
    """Agreement → invoices that are new or have changed."""
    gone: set[str] = field(default_factory=set)
    """Ids of invoices that the PSA no longer has."""
    incomplete: set[str] = field(default_factory=set)
    """Agreements of which there may be more invoices than could be read: absence says nothing there."""
    unreadable: list[Unreadable] = field(default_factory=list)
    trouble: str = ""
    """Why invoices cannot be read at all; empty where they can."""


async def read_invoices(psa: Psa, agreement_ids: Collection[str], known: Known) -> Found:
    """Everything new about the invoices of some agreements. A missing right is trouble, and stops nobody.

    Raises:
        UpstreamError: the PSA does not answer.
    """
    found = Found()
    try:
        for group in _in_groups(sorted(agreement_ids)):
            await _read_group(psa, group, known, found)
    except (RightMissing, MissingUpstream) as fault:
        return Found(trouble=fault.message)
    return found


def _in_groups(agreement_ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(agreement_ids), GROUP):
        yield list(agreement_ids[start : start + GROUP])


async def _read_group(psa: Psa, group: list[str], known: Known, found: Found) -> None:
    since = known.newest - OVERLAP if known.newest else None
    before = [each for each in group if each in known.were_read]
    new = [each for each in group if each not in known.were_read]
    listed = await _list(psa, before, since, found)
    listed |= await _list(psa, new, None, found)
    expected = {each for agreement in group for each in known.invoices.get(agreement, ())} | set(listed)
    count = await psa.count_invoices(group)
    if count != len(expected):
        everything = await _list(psa, group, None, found)
        listed |= everything
        await _look_for(psa, expected - set(everything), group, listed, found)
        if count > len((expected | set(everything)) - found.gone):
            found.incomplete.update(group)
    for each in listed.values():
        if each != known.invoices.get(each.agreement_id, {}).get(each.id):
            found.fresh[each.agreement_id].append(each)


async def _list(
    psa: Psa, agreement_ids: Collection[str], since: datetime | None, found: Found
) -> dict[str, PsaInvoice]:
    if not agreement_ids:
        return {}
    listed = await psa.list_invoices(agreement_ids, since)
    found.unreadable += listed.unreadable
    if listed.unreadable:  # nobody knows of which agreement it is
        found.incomplete.update(agreement_ids)
    return {each.id: each for each in listed.invoices}


async def _look_for(
    psa: Psa, missing: Collection[str], group: Collection[str], listed: dict[str, PsaInvoice], found: Found
) -> None:
    """Read those by id that a full list lacks; what is found all the same shows that lists lag behind."""
    for invoice_id in sorted(missing):
        try:
            read = await psa.read_invoice(invoice_id)
        except MissingUpstream:
            found.gone.add(invoice_id)
            listed.pop(invoice_id, None)
        else:
            listed[read.id] = read
            found.incomplete.update(group)
