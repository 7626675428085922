"""Every record ConnectWise starts with, by kind."""

from datetime import date

from services.sandbox.seed.agreements import agreements
from services.sandbox.seed.catalog import catalog
from services.sandbox.seed.companies import company_tables
from services.sandbox.seed.hand_made import hand_made_additions
from services.sandbox.seed.months import add_months, midnight
from services.sandbox.seed.references import Record
from services.sandbox.seed.setup_tables import setup_tables


def psa_records(seed: int, month: date) -> dict[str, list[Record]]:
    instant = midnight(add_months(month, -9))
    tables = setup_tables(instant)
    companies = company_tables(tables, instant)
    tables["companies"] = [seat.company for seat in companies.seats]
    tables["contacts"], tables["sites"] = companies.contacts, companies.sites
    tables["catalog"] = catalog(tables, instant)
    tables["agreements"] = agreements(tables, companies, month, instant)
    tables["additions"] = hand_made_additions(seed, month, tables["agreements"], tables["catalog"], instant)
    tables["invoices"], tables["products"] = [], []
    return tables
