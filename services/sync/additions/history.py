"""What an addition of ours held when billing periods were invoiced that lie behind it now. Pure.

An update changes what periods to come bill, and nothing of what was invoiced. So each update keeps the values that it
replaces with the agreement's next invoice date of that moment: periods before that day were billed with them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.sync.psas.addition import AdditionValues

MOST_KEPT = 24
"""Changes between invoices, so two years of them on a monthly agreement; a receipt speaks of months, not years."""

History = Sequence[dict[str, Any]]
"""As it is stored: `invoiced_before` and `values`, oldest first."""


def keep_held(history: History, replaced: AdditionValues, next_invoice: date | None) -> list[dict[str, Any]]:
    """The history after an update.

    Of several updates between two invoices only the first one replaces what was invoiced.

    Args:
        replaced: what the PSA held until now.
        next_invoice: the first day of the agreement that is not invoiced; without it nothing is known of the past.
    """
    kept = [*history]
    if next_invoice is None or (kept and date.fromisoformat(kept[-1]["invoiced_before"]) >= next_invoice):
        return kept
    kept.append({"invoiced_before": next_invoice.isoformat(), "values": replaced.as_json()})
    return kept[-MOST_KEPT:]


def find_held(history: History, day: date) -> AdditionValues | None:
    """The values with which the period of a day was invoiced; None where they are those that it has now."""
    for each in history:
        if day < date.fromisoformat(each["invoiced_before"]):
            return AdditionValues.model_validate(each["values"])
    return None
