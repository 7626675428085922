"""Why an addition bills something else than AppXite charges, and what to do next, in sentences. Pure."""

from calendar import month_name
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.money import as_text, show_money
from services.contracts.vocabulary import UndecidedCause
from services.sync.receipts.schemas import DifferenceKind

DECIDE = "Decide in the next plan whether it ends or stays."


@dataclass(frozen=True, slots=True)
class Subject:
    """The addition that a difference is about, as people know it."""

    organization_id: str
    organization: str
    agreement: str
    agreement_id: str
    addition_id: str | None
    subscription: str
    currency: str

    @property
    def name(self) -> str:
        return f"{self.subscription or 'An addition'} of {self.organization or 'an unknown customer'}"

    def money(self, amount: Decimal) -> str:
        return f"{as_text(show_money(amount, self.currency))} {self.currency}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Why an addition stands without a charge: a clause, to stand after a colon."""

    kind: DifferenceKind
    because: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Explained:
    reason: str
    next_step: str


NOT_IN_PLAN = Standing(DifferenceKind.NO_CHARGE, "no line of the plan stands for it", DECIDE)
PREVIEW = Standing(
    DifferenceKind.NOT_CHARGED_YET,
    "its invoice is still a preview",
    "Load the month again when AppXite has verified the invoice, then plan again.",
)
EXCLUDED = Standing(DifferenceKind.NO_CHARGE, "its line is excluded", DECIDE)
HELD = Standing(
    DifferenceKind.NO_CHARGE, "its line is held", "Mend the line and plan again, or decide whether the addition ends."
)
SUPERSEDED = Standing(
    DifferenceKind.NO_CHARGE,
    "its line stays behind, because a later month has given the addition other values",
    "Plan the later month again, so that each month has an addition of its own.",
)
VANISHED = Standing(DifferenceKind.NO_CHARGE, "its row is no longer on the invoice", DECIDE)
GAP = Standing(
    DifferenceKind.NO_CHARGE,
    "its charges before and after are billed in other billing periods of the agreement",
    "Credit it, unless a charge of this billing period is still to come.",
)
FREE = Standing(DifferenceKind.NO_CHARGE, "its line charges nothing", DECIDE)
DROPPED = Standing(DifferenceKind.NO_CHARGE, "its line is a credit now, and a rule drops it", DECIDE)
ABSENT = Standing(DifferenceKind.NO_CHARGE, "the month has no line for it", DECIDE)
TWIN = Standing(
    DifferenceKind.NO_CHARGE,
    "another open addition carries the same charge",
    "Plan again: the plan ends all but one of them.",
)
BY_CAUSE = {
    UndecidedCause.VANISHED: VANISHED,
    UndecidedCause.EXCLUDED: EXCLUDED,
    UndecidedCause.HELD: HELD,
    UndecidedCause.FREE: FREE,
    UndecidedCause.ABSENT: ABSENT,
    UndecidedCause.DROPPED: DROPPED,
}
NOT_ENDED = Standing(
    DifferenceKind.NO_CHARGE, "its end could not be written", "See under failures why not, mend that, then plan again."
)


def ended(last_day: date | None, psa: str) -> Standing:
    """Of an addition that was given its last day."""
    until = f"it bills through {last_day}" if last_day else "its end is not in force"
    return Standing(
        DifferenceKind.NO_CHARGE, f"it was ended, and {until}", f"Credit what it bills, or end it earlier in {psa}."
    )


def kept(by: str, why: str, until: date | None) -> Standing:
    """Of an addition that a person decided to keep."""
    who = f"{by} keeps it" if by else "it is kept"
    if until is not None:
        who += f" until {until}"
    because = f"{who} ({why})" if why else who
    return Standing(DifferenceKind.NO_CHARGE, because, "Nothing while this is meant; else end it in the next plan.")


def not_charged_yet(reason: str) -> Standing:
    """Of an addition whose charge the month has not brought yet."""
    because = reason[:1].lower() + reason[1:].rstrip(".")
    return Standing(DifferenceKind.NOT_CHARGED_YET, because, "Load the month again when its invoices come.")


def bills_on(*, is_complete: bool) -> Standing:
    """Of an addition whose lines are charged for earlier billing periods only.

    Args:
        is_complete: a person says so of the month. Without that the charge that follows, which is on the invoice of
            a later month, takes the billing period.
    """
    return Standing(
        DifferenceKind.NO_CHARGE if is_complete else DifferenceKind.NOT_CHARGED_YET,
        "what the month charges is billed in earlier billing periods of the agreement",
        "Nothing where the charge that follows takes this billing period; else end it in the next plan.",
    )


def explain_unclaimed(
    kind: DifferenceKind, subject: Subject, expected: Decimal, standing: Standing, period: str, psa: str
) -> Explained:
    """Of an addition behind which the plan has no charge."""
    month = f"{month_name[int(period[5:])]} {period[:4]}"
    if kind is DifferenceKind.NOT_FORECAST:
        return Explained(
            f"AppXite charges nothing for {subject.name} in {month} ({standing.because}), and what it bills "
            "cannot be forecast, because the billing periods of its agreement are not known: "
            f"{subject.money(expected)} a period.",
            standing.next_step,
        )
    if kind is DifferenceKind.ALREADY_INVOICED:
        return _explain_invoiced(subject, expected, standing, month, psa)
    bills = f"{subject.name} bills {subject.money(expected)} in {month}"
    if kind is DifferenceKind.NOT_CHARGED_YET:
        return Explained(
            f"{bills}, and AppXite charges nothing for it yet: {standing.because}.",
            standing.next_step,
        )
    return Explained(
        f"{bills} although AppXite charges nothing for it: {standing.because}.",
        standing.next_step,
    )


def _explain_invoiced(subject: Subject, expected: Decimal, standing: Standing, month: str, psa: str) -> Explained:
    """No date takes back what was invoiced: its charge comes after all, or a person credits it."""
    billed = f"{psa} has billed {subject.money(expected)} for {subject.name} in {month}"
    if standing.kind is DifferenceKind.NOT_CHARGED_YET:
        return Explained(
            f"{billed}, and AppXite charges nothing for it yet: {standing.because}.",
            standing.next_step,
        )
    return Explained(
        f"{billed} although AppXite charges nothing for it: {standing.because}.",
        f"Credit it in {psa}, or load the month again where its charge is still to come.",
    )


def explain_listed(subject: Subject, expected: Decimal) -> Explained:
    """Of a line whose charge is listed as not sent, while an addition stands under its marker."""
    return Explained(
        f"{subject.name} bills {subject.money(expected)} with what its addition holds, while its charge is listed "
        "under failures as not sent.",
        "See there why it failed, mend that, then plan again.",
    )


def explain_line(
    kind: DifferenceKind, subject: Subject, charged: Decimal, expected: Decimal, why: str, psa: str
) -> Explained:
    """Of a line that bills something else than it charges."""
    bills, charges = subject.money(expected), subject.money(charged)
    if kind is DifferenceKind.NOT_FORECAST:
        return Explained(
            f"What {subject.name} bills for its charge of {charges} cannot be forecast: {why}.",
            f"Look at agreement {subject.agreement} in {psa}, and compare its next invoice with the charge.",
        )
    if kind is DifferenceKind.WRITTEN_OFF:
        return Explained(
            f"{psa} closed a billing period of {subject.name} without an invoice, so {charges} of charges bill only "
            f"{bills}: the period was written off.",
            f"Invoice it by hand in {psa}, or let its record of the period be deleted, which opens it again.",
        )
    if kind is DifferenceKind.ALREADY_INVOICED:
        return Explained(
            f"{psa} invoiced {bills} for {subject.name} before its addition was changed; AppXite charges {charges}.",
            f"Plan again, so that a true-up carries the difference, or correct the invoice in {psa}.",
        )
    compared = f"{bills} although" if kind is DifferenceKind.MORE else f"only {bills} while"
    return Explained(
        f"{subject.name} bills {compared} AppXite charges {charges}{why}.",
        "Compare the dates of the line with the billing periods of its agreement, correct them, then plan again.",
    )


def name_markup(said: Explained, subject: Subject, marked_up: Decimal) -> Explained:
    """Of a line that price rules or people change: what it charges is compared as it is to be billed."""
    added = f"In the charge is {subject.money(marked_up)} that price rules or people add."
    return Explained(f"{said.reason} {added}", said.next_step)


def explain_own_word(shown: Decimal | None, more: Decimal) -> str:
    """Why an addition bills something else than was forecast, as the end of a sentence."""
    if shown is None:
        return ": the days that it begins before the next invoice are never billed, because nothing catches up on them"
    return (
        f": the prorated price that it shows is {as_text(shown)} for the billing period in which it begins, "
        f"{as_text(abs(more))} {'more' if more > 0 else 'less'} than was forecast"
    )


def explain_periods(touched: int, *, is_prorated: bool) -> str:
    """Why billing periods come to something else than the charge, as the end of a sentence."""
    if not touched:
        return ": the addition lies outside the billing periods of the charge"
    if is_prorated:
        return ": the agreement prorates by days, and the addition covers only a part of a billing period"
    return f": it bills in each of {touched} billing periods" if touched > 1 else ""
