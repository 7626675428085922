"""When the addition of an ended subscription stops billing.

Only AppXite saying that a subscription has ended counts as an end; that a month brings no line for it
does not. The last billed day is the last day before the period that AppXite no longer charges. What
the PSA has invoiced beyond that cannot be taken back by a date, so then it is the last invoiced day.
"""

from datetime import date, timedelta

from services.contracts.shapes import AgreementFacts
from services.sync.plans.operation import Ending

ONE_DAY = timedelta(days=1)


def plan_ending(period: str, subscription: str, ended_on: str, agreement: AgreementFacts | None, psa: str) -> Ending:
    """Last billed day and reason for a subscription that has ended and that `period` does not charge.

    Args:
        period: YYYY-MM.
        ended_on: the end as AppXite tells it; empty where it does not.
        agreement: None where the mirror does not know it; then nothing is taken as invoiced.
        psa: its name, for people.
    """
    first = date.fromisoformat(f"{period}-01")
    when = f" on {ended_on}" if ended_on else ""
    reason = f"AppXite says that {subscription} ended{when}, and charges nothing for it in {period}."
    next_invoice = agreement.next_invoice_date if agreement else None
    if next_invoice is not None and next_invoice > first:
        reason += f" {psa} has invoiced up to {next_invoice - ONE_DAY} already: what that bills needs a credit."
        first = next_invoice
    return Ending(first - ONE_DAY, reason)
