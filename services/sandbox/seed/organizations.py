"""The 40 customers of the demo seller, and how ConnectWise spells them.

34 have one company that differs in case, accents, punctuation, word order or legal form; two have two
companies that look alike; four have none.
"""

from functools import cache
from typing import NamedTuple

from services.sandbox.seed.draw import guid


class Organization(NamedTuple):
    number: int
    name: str
    country: str
    city: str
    currency: str
    weight: int
    """Its share of all subscriptions."""
    companies: tuple[str, ...]
    """Names of the ConnectWise companies that look like it."""
    second_currency: str = ""
    """Currency of a second contract, for everything that is not Microsoft's."""
    billing_day: int = 1


_TABLE: list[tuple[str, str, str, str, int, tuple[str, ...]]] = [
    ("Nordlicht Energie GmbH", "DE", "Hamburg", "EUR", 9, ("Nordlicht Energie GmbH",)),
    ("Café Müller & Söhne KG", "DE", "Köln", "EUR", 3, ("Cafe Mueller und Soehne KG",)),
    ("Brightwater Accounting Limited", "IE", "Cork", "EUR", 6, ("Brightwater Accounting Ltd",)),
    ("O'Connor & Partners Solicitors", "IE", "Dublin", "EUR", 5, ("OConnor and Partners Solicitors",)),
    ("Société Lumière SARL", "FR", "Lyon", "EUR", 7, ("Societe Lumiere S.A.R.L.",)),
    ("Van der Berg Logistics B.V.", "NL", "Rotterdam", "EUR", 10, ("van der Berg Logistics BV",)),
    ("Kestrel Dental Group Ltd.", "IE", "Galway", "EUR", 6, ("Kestrel Dental Group",)),
    ("Baltic Timber Export SIA", "LV", "Ventspils", "EUR", 5, ("SIA Baltic Timber Export",)),
    ("Hôtel Belle Époque", "FR", "Nice", "EUR", 4, ("Hotel Belle Epoque",)),
    ("International Freight Services Incorporated", "US", "Newark", "EUR", 8, ("Intl Freight Services Inc.",)),
    ("Saint Mary's Academy Trust", "IE", "Limerick", "EUR", 8, ("St. Mary's Academy Trust",)),
    ("Grünwald Maschinenbau AG", "DE", "Stuttgart", "EUR", 11, ("Gruenwald Maschinenbau AG",)),
    ("Pacific Rim Imaging LLC", "US", "Seattle", "USD", 6, ("Pacific Rim Imaging, LLC",)),
    ("Atlas Engineering & Building Corporation", "US", "Denver", "USD", 9, ("Atlas Engineering and Building Corp",)),
    ("Delta Manufacturing Company", "US", "Toledo", "USD", 6, ("Delta Mfg. Co.",)),
    ("Tallinn Digital OÜ", "EE", "Tallinn", "EUR", 5, ("Tallinn Digital OU",)),
    ("Łódź Packaging Sp. z o.o.", "PL", "Łódź", "EUR", 5, ("Lodz Packaging Sp. z o.o.",)),
    ("Finch, Hale & Drew LLP", "IE", "Dublin", "EUR", 4, ("Finch Hale Drew LLP",)),
    ("Stratford Veterinary Clinic", "IE", "Sligo", "EUR", 3, ("Stratford Veterinary Clinic",)),
    ("Rosewood Care Homes Limited", "IE", "Waterford", "EUR", 8, ("Rosewood Care Homes (IE) Ltd",)),
    ("Ångström Instruments AB", "SE", "Uppsala", "EUR", 6, ("Angstrom Instruments AB",)),
    ("Helvetia Präzision SA", "CH", "Genève", "EUR", 5, ("Helvetia Prazision S.A.",)),
    ("Cobalt Creative Studio", "NL", "Utrecht", "EUR", 3, ("Cobalt Creative Studio",)),
    ("Ferreira & Filhos Lda", "PT", "Porto", "EUR", 4, ("Ferreira e Filhos, Lda.",)),
    ("Northgate University Hospitals", "IE", "Dublin", "EUR", 12, ("Northgate Univ. Hospitals",)),
    ("Blue Harbour Seafood Ltd", "IE", "Kinsale", "EUR", 4, ("Blue Harbor Seafood Ltd",)),
    ("Oakridge Property Management", "NL", "Den Haag", "EUR", 6, ("Oakridge Property Mgmt",)),
    ("Zephyr Aviation Maintenance GmbH & Co. KG", "DE", "München", "EUR", 8, ("Zephyr Aviation Maintenance GmbH",)),
    ("Montclair Wealth Advisors Inc", "US", "Boston", "USD", 5, ("Montclair Wealth Advisors, Inc.",)),
    ("Riga Port Services AS", "LV", "Rīga", "EUR", 7, ("Riga Port Services AS",)),
    ("The Old Mill Brewery", "BE", "Gent", "EUR", 3, ("Old Mill Brewery, The",)),
    ("Quantum Leap Education", "NL", "Leiden", "EUR", 6, ("QuantumLeap Education",)),
    ("Silva & Costa Arquitetos", "PT", "Lisboa", "EUR", 3, ("Silva & Costa Arquitetos",)),
    ("Harrison Brothers Plumbing", "IE", "Cork", "EUR", 3, ("Harrison Bros. Plumbing",)),
    ("Meridian Consulting", "NL", "Amsterdam", "EUR", 5, ("Meridian Consulting Ltd", "Meridian Consulting Group")),
    ("Summit Foods", "DE", "Bremen", "EUR", 5, ("Summit Foods GmbH", "Summit Foods AG")),
    ("Juniper Street Bakery", "IE", "Ennis", "EUR", 2, ()),
    ("Falcon Ridge Outfitters", "US", "Boise", "USD", 3, ()),
    ("Pixel & Pine OÜ", "EE", "Tartu", "EUR", 2, ()),
    ("Emerald Isle Tours", "IE", "Killarney", "EUR", 3, ()),
]  # fmt: skip

TWO_CURRENCIES = 9
"""International Freight: Microsoft's lines in EUR, all others in USD."""
_BILLING_DAYS = {13: 5, 24: 10, 36: 15}
"""Who is not invoiced on the 1st."""

ORGANIZATIONS: tuple[Organization, ...] = tuple(
    Organization(
        number,
        *row,
        second_currency="USD" if number == TWO_CURRENCIES else "",
        billing_day=_BILLING_DAYS.get(number, 1),
    )
    for number, row in enumerate(_TABLE)
)
TOTAL_WEIGHT = sum(organization.weight for organization in ORGANIZATIONS)


@cache
def organization_id(seed: int, number: int) -> str:
    return guid(seed, f"organization/{number}")


def contract_id(seed: int, number: int, currency: str) -> str:
    return guid(seed, f"contract/{number}/{currency}")


def currency_of(organization: Organization, *, microsoft: bool) -> str:
    """The currency of the contract that a vendor's lines fall under."""
    return organization.currency if microsoft or not organization.second_currency else organization.second_currency


def vat_number(organization: Organization) -> str:
    return f"{organization.country}{4000_0000 + organization.number * 10_457:09d}"
