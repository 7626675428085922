"""Reading what agreements hold, so that a list that lags behind writes cannot mislead a plan or a proof.

A list is taken at its word only where it agrees with what we last wrote. An addition of ours that it lacks, or
shows with other values, is read by its id, which never lags. One agreement that cannot be read is trouble of
that agreement alone; the others go on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from services.kit.base.concurrency import for_each
from services.kit.upstream.http import (
    BadUpstreamAnswer,
    CredentialsRefused,
    MissingUpstream,
    Refused,
    RightMissing,
    UpstreamError,
)
from services.sync.additions.state import AgreementState
from services.sync.psas.addition import AdditionValues
from services.sync.psas.port import Psa
from services.sync.unreadable import Unreadable

AT_ONCE = 8
"""Calls kept ready; how many of them are in flight is the rate limiter's setting, shared by all workers."""

Known = Mapping[str, Mapping[str, AdditionValues]]
"""Agreement id → addition id → values as we last wrote or read them."""


NextInvoices = Mapping[str, date | None]
"""Agreement id → first day that is not invoiced yet."""


async def read_agreements(
    psa: Psa, agreement_ids: Iterable[str], known: Known, next_invoices: NextInvoices | None = None
) -> dict[str, AgreementState]:
    """The state of each agreement.

    Args:
        next_invoices: without them, every addition with an end may still bill.

    Raises:
        UpstreamError: the PSA does not answer, refuses everybody, or no agreement at all could be read.
    """
    states, faults = await read_some(psa, agreement_ids, known, next_invoices)
    if faults and len(faults) == len(states):
        raise faults[0]  # wrong credentials can look like missing agreements, then all of them are missing
    return states


async def read_some(
    psa: Psa, agreement_ids: Iterable[str], known: Known, next_invoices: NextInvoices | None = None
) -> tuple[dict[str, AgreementState], list[UpstreamError]]:
    """The state of each agreement, and why some could not be read. It is the caller's to notice that none could be.

    Raises:
        UpstreamError: the PSA does not answer, or refuses everybody.
    """
    states: dict[str, AgreementState] = {}
    faults: list[UpstreamError] = []

    async def read(agreement_id: str) -> None:
        try:
            state = await _read_one(psa, agreement_id, known.get(agreement_id, {}))
            states[agreement_id] = replace(state, next_invoice=(next_invoices or {}).get(agreement_id))
        except (CredentialsRefused, RightMissing):
            raise
        except (Refused, BadUpstreamAnswer) as fault:
            faults.append(fault)
            states[agreement_id] = AgreementState(trouble=_explain(psa, fault))

    await for_each(sorted(set(agreement_ids)), read, at_once=AT_ONCE)
    return states, faults


async def _read_one(psa: Psa, agreement_id: str, known: Mapping[str, AdditionValues]) -> AgreementState:
    listed = await psa.list_additions(agreement_id)
    current = {each.id: each for each in listed.additions}
    unreadable, gone = list(listed.unreadable), set()
    for addition_id, values in known.items():
        seen = current.get(addition_id)
        if seen is not None and seen.seen_as(values) == values:
            continue
        try:
            current[addition_id] = await psa.read_addition(agreement_id, addition_id)
        except MissingUpstream:
            current.pop(addition_id, None)
            gone.add(addition_id)
        except BadUpstreamAnswer as fault:
            current.pop(addition_id, None)
            unreadable.append(Unreadable(fault.message, fault.raw))
    return AgreementState(list(current.values()), unreadable, frozenset(gone))


def _explain(psa: Psa, fault: UpstreamError) -> str:
    if isinstance(fault, MissingUpstream):
        return (
            f"{psa.traits.label} has no such agreement any more. Synchronize organizations, choose another agreement, "
            "then plan again."
        )
    return f"The agreement cannot be read: {fault.message}. Correct it in {psa.traits.label}, then plan again."
