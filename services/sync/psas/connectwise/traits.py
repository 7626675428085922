"""What billing has to know of ConnectWise, as data.

What nobody documents is weighed: fixed on the connection, set for the installation, learned from what was read back,
or guessed. The first guess of decimals is the finest that can be set: what is sent has as many decimals as its total
needs, a tenant that keeps fewer shows that when it is read back, and then the amount is mended in the same run. Guessed
too coarse, true quantities would be lost for ever, because nothing would ever show that more is kept.
"""

from services.contracts.shapes import PsaTraits
from services.sync.settings import MOST_DECIMALS, UpstreamSettings
from services.sync.systems import KnownTraits, Trait

NOTHING_KNOWN = KnownTraits()


def weigh_traits(settings: UpstreamSettings, known: KnownTraits) -> list[Trait]:
    return [
        known.weigh("price_decimals", settings.connectwise_price_decimals, MOST_DECIMALS),
        known.weigh("quantity_decimals", settings.connectwise_quantity_decimals, MOST_DECIMALS),
        known.weigh("catches_up", settings.connectwise_catches_up, guess=True),  # as one vendor describes
        # The one published example rounds the price of one.
        known.weigh("proration_rounds", settings.connectwise_proration_rounds, "unit_price"),
    ]


def describe(settings: UpstreamSettings, known: KnownTraits = NOTHING_KNOWN) -> PsaTraits:
    weighed = {trait.name: trait.value for trait in weigh_traits(settings, known)}
    return PsaTraits.model_validate(
        {
            "label": "ConnectWise",
            "longest_description": 6000,
            "cycle_months": {"monthly": 1, "bimonthly": 2, "quarterly": 3, "semiannual": 6, "yearly": 12},
            "cycle_weeks": {"weekly": 1, "biweekly": 2},
            "non_recurring_cycles": ["notrecurring"],
            "refuses_invoiced_dates": True,
            **weighed,
        }
    )
