"""An addition of ours as we last wrote it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.contracts.invoicing.periods import AgreementTerms
from services.sync.additions.history import History
from services.sync.psas.addition import AdditionValues


@dataclass(frozen=True, slots=True)
class Written:
    """What we last wrote, or found, under one marker."""

    marker: str
    agreement_id: str
    addition_id: str
    subscription_id: str
    is_recurring: bool
    currency: str
    names: Mapping[str, str]
    """Organization, company, agreement, product and subscription, for people who read a cancellation."""
    values: AdditionValues
    wanted_effective_date: date
    """The start that was asked for; an adopted addition keeps its own, older one."""
    ended_on: date | None
    """The last billed day that we gave it because no charge stood behind it any more."""
    written_at: datetime
    is_gone: bool = False
    """The PSA no longer has it."""
    organization_id: str = ""
    """AppXite's customer; empty where an older build wrote it and nobody knows."""
    line_id: UUID | None = None
    """The newest line it was pushed for."""
    charged_from: date | None = None
    charged_through: date | None = None
    """First and last day of the billing periods that bill that line; None where an older build wrote it."""
    held_before: History = ()
    """What it held while earlier periods were invoiced."""
    charged_in: str = ""
    """Month whose invoice charges that line, YYYY-MM; empty where an older build wrote it."""
    gaps: Sequence[tuple[date, date]] = ()
    """First and last days between the billing periods of its charges that no line was charged for."""
    invoiced_before: date | None = None
    """The agreement's first day that was not invoiced when it was made; None where people or an older build did."""

    def waits_for_invoice(self, terms: AgreementTerms | None) -> bool:
        """Whether no invoice has come since it was made, and the next one bills its days in closed periods as well."""
        return terms is not None and terms.will_catch_up(self.invoiced_before)


def known_values(written: Iterable[Written]) -> dict[str, dict[str, AdditionValues]]:
    """Agreement id → addition id → values, of those that are not gone."""
    known: dict[str, dict[str, AdditionValues]] = {}
    for each in written:
        if not each.is_gone:
            known.setdefault(each.agreement_id, {})[each.addition_id] = each.values
    return known
