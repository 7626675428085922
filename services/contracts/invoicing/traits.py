"""What billing takes for granted of a PSA that has not been described yet, and how agreement cycles are compared.

Once `sync.psa.described` has come, the traits in it hold instead; billing knows no PSA by name.
"""

from typing import Final

from services.contracts.shapes import PsaTraits

UNDESCRIBED: Final = PsaTraits(
    label="the PSA",
    # What billing took before any PSA was described, so that amounts stay as they were; accounting exports round to it.
    price_decimals=2,
    # No limit is known, so none is applied: this is as many digits as Python's decimals carry by default.
    quantity_decimals=28,
    # The PSA that additions were first written to documents this limit, and no shorter one is known.
    longest_description=6000,
    # The cycles that the same PSA documents for agreements.
    cycle_months={"monthly": 1, "bimonthly": 2, "quarterly": 3, "semiannual": 6, "yearly": 12},
    cycle_weeks={"weekly": 1, "biweekly": 2},
    non_recurring_cycles=["notrecurring"],
    refuses_invoiced_dates=True,  # the careful answer: such a line is held instead of refused or billed twice
)


def cycle_key(text: str) -> str:
    """A cycle as traits name it: in small letters without spaces and hyphens."""
    return text.replace(" ", "").replace("-", "").casefold()
