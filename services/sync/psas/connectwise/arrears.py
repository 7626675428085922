"""Which day of an agreement that bills in arrears is the first one not invoiced. Pure.

ConnectWise documents neither how an agreement says that it bills after its periods nor what its next invoice date means
then. Assumed: values of `periodType` say so (a setting, by default none), and the date is the day after the period
that is invoiced next, so that this period is still open.
"""

from datetime import timedelta

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import AgreementFacts, PsaTraits

ONE_DAY = timedelta(days=1)


def open_running_period(facts: AgreementFacts, traits: PsaTraits) -> AgreementFacts:
    """The facts of an agreement in arrears, with the first day of the period that is invoiced next."""
    facts = facts.model_copy(update={"is_in_arrears": True})
    due = facts.next_invoice_date
    if due is None or due <= facts.billing_start:
        return facts
    period = AgreementTerms(facts, traits).period_of(due - ONE_DAY)
    return facts.model_copy(update={"next_invoice_date": period.start}) if period else facts
