"""Two additions with one marker that may still bill: which of them stays, how the other stops billing. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.contracts.vocabulary import BillOption
from services.sync.additions.state import AgreementState
from services.sync.psas.addition import Addition, AdditionValues

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Twins:
    """Additions that carry one marker and may still bill: the one to keep, the others, and why this one."""

    kept: Addition
    others: list[Addition]
    reason: str


def find_twins(state: AgreementState, markers: Iterable[str]) -> dict[str, list[Addition]]:
    """Marker → the additions that carry it and may still bill, where there are several: an end in the past is none."""
    carriers = {marker: state.carriers_of(marker) for marker in set(markers)}
    return {marker: found for marker, found in carriers.items() if len(found) > 1}


def choose_kept(carriers: Sequence[Addition], next_invoice: date | None) -> Twins:
    """Keep the one that was invoiced, or else the oldest: what a customer has seen on an invoice is not moved."""
    invoiced = [each for each in carriers if was_invoiced(each.values, next_invoice)]
    kept = (invoiced or list(carriers))[0]
    others = [each for each in carriers if each.id != kept.id]
    reason = "it was invoiced" if invoiced and len(invoiced) < len(carriers) else "it is the older one"
    return Twins(kept, others, reason)


def was_invoiced(values: AdditionValues, next_invoice: date | None) -> bool:
    """Whether the agreement was invoiced for days on which the addition was in force."""
    return next_invoice is not None and values.effective_date is not None and values.effective_date < next_invoice


def stop_billing(twin: Addition, next_invoice: date | None) -> AdditionValues:
    """The values with which a twin bills nothing more.

    One that was invoiced ends with the last invoiced day. One that was not must not bill its first day either,
    which no last billed day can say, so it becomes unbillable as well.
    """
    values = twin.values
    if next_invoice is not None and was_invoiced(values, next_invoice):
        return values.model_copy(update={"cancelled_date": next_invoice - ONE_DAY})
    changes = {"cancelled_date": values.effective_date, "bill_option": BillOption.DO_NOT_BILL.value}
    return values.model_copy(update=changes)


def end_billing(addition: Addition, last_billed_day: date, next_invoice: date | None) -> AdditionValues:
    """The values with which an addition bills up to a day, or to the last invoiced one where that is later.

    One that would have to end before it starts must never bill. One that ends earlier already stays as it is.
    """
    values = addition.values
    last = last_billed_day
    if next_invoice is not None and was_invoiced(values, next_invoice):
        last = max(last, next_invoice - ONE_DAY)
    if values.effective_date is not None and last < values.effective_date:
        return stop_billing(addition, next_invoice)
    if values.cancelled_date is not None and values.cancelled_date <= last:
        return values
    return values.model_copy(update={"cancelled_date": last})


def name_twins(carriers: Sequence[Addition]) -> str:
    return " and ".join(each.id for each in carriers)
