"""The companies of the demo PSA: the customers under slightly other names, and everybody else an MSP has on file."""

import re
import unicodedata
from typing import NamedTuple

from services.sandbox.seed.organizations import ORGANIZATIONS, Organization, vat_number
from services.sandbox.seed.references import Record, entered, reference
from services.sandbox.seed.setup_tables import CURRENCY_IDS

FIRST_ID = 250
_OTHERS = (
    "Amberley Golf Club", "Anchor Bay Marina", "Bluestone Quarry Ltd", "Brightwater Swimming Club",
    "Castlegate Cinemas", "Crescent Hotel Group", "Delta Force Paintball", "Dunmore Credit Union",
    "Elmwood Primary School", "Fairview Garden Centre", "Glenmore Distillery", "Hawthorn Pharmacy",
    "Ironbridge Fabrication", "Kilkenny Crafts Council", "Lakeside Medical Centre", "Meridian Travel",
    "Nordwind Yachting GmbH", "Orchard Veterinary Group", "Pembroke Recruitment", "Riga Textile Works SIA",
    "Summit Climbing Centre", "Tideline Surf School", "Ulster Weavers", "Westport Seafood Exporters",
)  # fmt: skip
_VENDORS = ("Microsoft Ireland Operations", "Acronis International GmbH")
_CONTACTS = ("Aoife Byrne", "Lukas Brandt", "Sofie de Wit", "Marta Lindqvist", "Daniel Costa", "Erin Walsh")


class Seat(NamedTuple):
    """A company beside the customer it stands for, if any."""

    company: Record
    organization: Organization | None


class CompanyTables(NamedTuple):
    seats: list[Seat]
    contacts: list[Record]
    sites: list[Record]


def company_tables(seed_tables: dict[str, list[Record]], instant: str) -> CompanyTables:
    """Companies with one contact and one site each. Ids count up from 250 in the order of the customers."""
    names: list[tuple[str, Organization | None]] = [
        (name, organization) for organization in ORGANIZATIONS for name in organization.companies
    ]
    names += [(name, None) for name in _OTHERS + _VENDORS]
    seats: list[Seat] = []
    contacts, sites = [], []
    for place, (name, organization) in enumerate(names):
        company = _company(FIRST_ID + place, name, organization, seed_tables, instant)
        pointer = reference("companies", company)
        contact = _contact(place, pointer, instant)
        site = {
            "id": 3000 + place,
            "name": "Main",
            "company": pointer,
            "primaryAddressFlag": True,
            "inactiveFlag": False,
        }
        site |= {"city": company.get("city", "Dublin"), "_info": entered(instant)}
        company["site"] = reference("sites", site)
        company["defaultContact"] = reference("contacts", contact)
        seats.append(Seat(company, organization))
        contacts.append(contact)
        sites.append(site)
    seats.append(Seat(_recycled(seats[0].company, FIRST_ID + len(seats)), None))
    return CompanyTables(seats, contacts, sites)


def _company(
    key: int, name: str, organization: Organization | None, tables: dict[str, list[Record]], instant: str
) -> Record:
    currency = organization.currency if organization else "EUR"
    currencies = {record["id"]: record for record in tables["currencies"]}
    role = tables["company_types"][0 if organization else 2 if name in _VENDORS else 1]
    company: Record = {
        "id": key,
        "identifier": _identifier(name),
        "name": name,
        "status": reference("company_statuses", tables["company_statuses"][0]),
        "types": [reference("company_types", role)],
        "currency": reference("currencies", currencies[CURRENCY_IDS[currency]]),
        "deletedFlag": False,
        "isVendorFlag": name in _VENDORS,
        "_info": entered(instant),
    }
    if organization:
        company["city"] = organization.city
        if organization.number % 3 == 0:  # a third of the customers carry a number that matches exactly
            company["taxIdentifier"] = vat_number(organization)
        if organization.number % 4 == 1:
            company["accountNumber"] = f"C-{1000 + organization.number}"
    return company


def _recycled(original: Record, key: int) -> Record:
    """A deleted twin of the first company: it stays visible to whoever forgets to filter."""
    return original | {"id": key, "identifier": f"{original['identifier']}-OLD", "deletedFlag": True}


def _contact(place: int, company: Record, instant: str) -> Record:
    first, last = _CONTACTS[place % len(_CONTACTS)].split(" ", 1)
    return {
        "id": 5000 + place,
        "firstName": first,
        "lastName": last,
        "company": company,
        "inactiveFlag": False,
        "defaultFlag": True,
        "_info": entered(instant),
    }


def _identifier(name: str) -> str:
    """CamelCase without accents and signs, 30 characters at most, as administrators make them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", plain))[:30]
