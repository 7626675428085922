"""Through which day an addition of ours is charged, and what it bills beyond that. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.contracts.invoicing.bills import MOST_PERIODS, BilledAddition, bill_period
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod
from services.sync.additions.written import Written
from services.sync.psas.addition import AdditionValues

ONE_DAY = timedelta(days=1)


def find_last_charged_day(
    written: Written, terms: AgreementTerms | None, first_day: date, *, is_withdrawn: bool = False
) -> date:
    """The last day of the last billing period for which a charge stands behind a persistent addition.

    Of one that an older build wrote nobody knows it: then every billing period before the one that holds the plan's
    first day counts as charged.

    Args:
        first_day: of the plan's period.
        is_withdrawn: its newest line stands behind it no more.
    """
    if is_withdrawn and written.charged_from is not None:
        return written.charged_from - ONE_DAY
    if written.charged_through is not None and not is_withdrawn:
        return written.charged_through
    period = terms.period_of(first_day) if terms and terms.is_recurring else None
    return (period.start if period else first_day) - ONE_DAY


@dataclass(frozen=True, slots=True)
class Uncharged:
    """The billing periods of an agreement that are not invoiced yet, and that an addition bills without a charge.

    Args:
        charged_through: they begin after this day; None where no charge ever stood behind the addition.
        last_day: they begin on or before this day.
        is_late: the next invoice bills the addition for periods that are invoiced as well.
    """

    terms: AgreementTerms
    charged_through: date | None
    last_day: date
    is_late: bool = False

    def bill(self, values: AdditionValues, currency: str, start: date) -> Decimal | None:
        """What they bill; None where nobody knows the agreement's periods.

        Args:
            start: of the addition, where the PSA does not say.
        """
        addition = values.as_billed(currency, start)
        billed = Decimal(0)
        for period in self._list_periods(addition):
            if period is None:
                return None
            billed += bill_period(addition, self.terms, period)
        return billed

    def _list_periods(self, addition: BilledAddition) -> Iterator[BillingPeriod | None]:
        """In order; a None ends them where nobody knows how they go on."""
        facts = self.terms.facts
        opens = None if self.is_late else self.terms.may_be_open_from
        after = [facts.billing_start, addition.start, *((opens,) if opens else ())]
        if self.charged_through is not None:
            after.append(self.charged_through + ONE_DAY)
        last_day = min(self.last_day, addition.end or self.last_day, facts.end_date or self.last_day)
        first_day = max(after)
        if first_day > last_day:
            return
        period = self.terms.period_of(first_day)
        for _ in range(MOST_PERIODS):
            if period is None:
                yield None
                return
            if period.start > last_day:
                return
            if self._is_uncharged(period):
                yield period
            period = self.terms.period_after(period)
            if period is None:
                return

    def _is_uncharged(self, period: BillingPeriod) -> bool:
        is_invoiced = self.terms.is_invoiced(period.start) and not self.is_late
        return not is_invoiced and (self.charged_through is None or period.start > self.charged_through)
