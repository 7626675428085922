"""What billing has to know of ConnectWise, as data."""

from services.contracts.shapes import PsaTraits
from services.sync.settings import UpstreamSettings


def describe(settings: UpstreamSettings) -> PsaTraits:
    return PsaTraits(
        label="ConnectWise",
        price_decimals=settings.connectwise_price_decimals,
        quantity_decimals=settings.connectwise_quantity_decimals,
        longest_description=6000,
        cycle_months={"monthly": 1, "bimonthly": 2, "quarterly": 3, "semiannual": 6, "yearly": 12},
        cycle_weeks={"weekly": 1, "biweekly": 2},
        non_recurring_cycles=["notrecurring"],
        refuses_invoiced_dates=True,
    )
