"""When the addition of an ended subscription stops billing.

Only AppXite saying that a subscription has ended counts as an end; that a month brings no line for it
does not. The last billed day is that of the agreement's billing period that bills the last recurring charge,
whatever month that was invoiced in. What the PSA has invoiced beyond it cannot be taken back by a date, so then
it is the last invoiced day.
"""

from datetime import date

from services.contracts.invoicing.periods import AgreementTerms
from services.sync.additions.written import Written
from services.sync.plans.charged import find_last_charged_day
from services.sync.plans.operation import Ending


def plan_ending(
    period: str, written: Written, ended_on: str, terms: AgreementTerms | None, psa: str, *, is_withdrawn: bool = False
) -> Ending:
    """Last billed day and reason for an addition whose subscription has ended and that `period` does not charge.

    Args:
        period: YYYY-MM.
        ended_on: the end as AppXite tells it; empty where it does not.
        terms: None where the mirror does not know the agreement; then nothing is taken as invoiced.
        psa: its name, for people.
        is_withdrawn: the newest line of the addition is no longer on its invoice.
    """
    last = find_last_charged_day(written, terms, date.fromisoformat(f"{period}-01"), is_withdrawn=is_withdrawn)
    when = f" on {ended_on}" if ended_on else ""
    name = written.names.get("subscription") or "the subscription"
    reason = f"AppXite says that {name} ended{when}, and charges nothing for it in {period}."
    closed = terms.closed_through if terms else None
    if closed is not None and closed > last and not written.waits_for_invoice(terms):
        last = closed
        reason += f" {psa} has invoiced up to {last} already: what that bills beyond the charges needs a credit."
    return Ending(last, reason)
