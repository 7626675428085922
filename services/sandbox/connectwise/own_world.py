"""A world of one's own: companies, agreement types, agreements, catalog and additions as the caller gives them.

A record with an id that exists replaces it. Values are kept as they are given: the rules of writing (prices rounded,
dates in invoiced periods refused) are ConnectWise's answer to its clients, not to its history.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from services.sandbox import clock
from services.sandbox.connectwise import invoiced
from services.sandbox.connectwise.additions import complete_addition
from services.sandbox.connectwise.agreements import complete_agreement
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.catalog_items import complete_item
from services.sandbox.connectwise.days import day_of
from services.sandbox.connectwise.errors import PsaError
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.connectwise.values import FieldReader
from services.sandbox.connectwise.world_draft import Draft
from services.sandbox.connectwise.world_fields import ALWAYS_KEPT, OWN_NOTES, WORDS, Word
from services.sandbox.control import Body, OrderFault, OrderRefused
from services.sandbox.seed.references import Record, reference

Given = dict[str, Any]
GivenRecords = Annotated[list[Given], Field(default_factory=list)]
LARGEST_ID = 2**31 - 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CODE = re.compile(r"[A-Z]{3}")
_REQUIRED = {
    "companies": ("identifier", "name"),
    "agreement_types": ("name",),
    "agreements": ("name", "company", "type"),
    "catalog": ("identifier",),
    "additions": ("agreementId", "product"),
}
_UNIQUE = ("companies", "catalog")
"""Kinds whose identifier names one record."""
_MOST_FAULTS = 50


class PsaWorldOrder(Body):
    """Records for the PSA. With `replace` they are the whole world; setup tables such as billing cycles stay."""

    replace: bool = False
    today: date | None = None
    """Pins the day of this stand-in."""
    companies: GivenRecords
    agreement_types: GivenRecords
    catalog: GivenRecords
    agreements: GivenRecords
    additions: GivenRecords


KINDS_IN_ORDER = ("companies", "agreement_types", "catalog", "agreements", "additions")
"""What a kind refers to comes before it."""


def take_world(books: Books, order: PsaWorldOrder) -> dict[str, Any]:
    """Raises OrderRefused, and then nothing has changed."""
    draft = Draft(books, is_whole=order.replace, today=order.today, instant=clock.stamp())
    reader = _WorldReader(draft)
    for kind in KINDS_IN_ORDER:
        reader.read_all(kind, getattr(order, kind))
    if reader.faults:
        raise OrderRefused(*reader.faults[:_MOST_FAULTS])
    records = {kind: list(made.values()) for kind, made in draft.made.items()}
    books.accept_world(records, is_whole=order.replace, today=order.today)
    return {"replaced": order.replace, "kept": {kind: len(getattr(order, kind)) for kind in KINDS_IN_ORDER}}


class _WorldReader:
    """Reads the records of an order into a draft, and collects what is wrong with them by the caller's own words."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._seen: dict[str, set[int]] = {}
        """Ids in the order, those of refused records too: what refers to them is not at fault."""
        self._products: dict[str, int] | None = None
        self.faults: list[OrderFault] = []

    def read_all(self, kind: str, given: list[Given]) -> None:
        seen = self._seen.setdefault(kind, set())
        taken = self._identifiers(kind)
        for place, each in enumerate(given):
            where = f"{kind}[{place}]"
            key, faults = each.get("id"), len(self.faults)
            if not isinstance(key, int) or isinstance(key, bool) or not 0 < key <= LARGEST_ID:
                self._fault(f"{where}.id", f"a whole number from 1 to {LARGEST_ID} is needed")
                continue
            if key in seen:
                self._fault(f"{where}.id", f"{key} is given twice")
            seen.add(key)
            record = {**self._read(kind, each, where), "id": key}
            self._check_identifier(kind, record, taken, where)
            if len(self.faults) == faults:
                self._keep(kind, record, each, where)

    def _read(self, kind: str, given: Given, where: str) -> Record:
        """The fields that were given, in the words of the API."""
        schema, words = SCHEMAS[kind], WORDS[kind]
        notes = OWN_NOTES.get(kind, frozenset())
        reader = FieldReader(schema, self._draft, None)
        record: Record = {}
        refused: set[str] = set()
        for name, value in given.items():
            word = words.get(name, Word(name))
            field, faults = schema.fields.get(word.field), len(self.faults)
            if field is None and name not in notes:
                self._fault(f"{where}.{name}", f"{schema.resource} has no such field")
            elif field is None or value is None or (field.is_computed and word.field not in ALWAYS_KEPT):
                continue
            elif word.field in record:
                self._fault(f"{where}.{name}", f"{word.field} is given twice")
            else:
                record[word.field] = self._value(reader, word, value, f"{where}.{name}")
            if len(self.faults) > faults:
                refused.add(word.field)
        self._need(kind, record, refused, where)
        if isinstance(given.get("_info"), dict):
            record["_info"] = given["_info"]
        return record

    def _need(self, kind: str, record: Record, refused: set[str], where: str) -> None:
        """What a record must have; what was given and refused has its fault already."""
        for missing in _REQUIRED[kind]:
            if record.get(missing) in (None, "") and missing not in refused:
                word_for = next((each for each, word in WORDS[kind].items() if word.field == missing), missing)
                self._fault(f"{where}.{word_for}", "this field is needed")

    def _value(self, reader: FieldReader, word: Word, value: Any, where: str) -> Any:
        reader.faults.clear()
        try:
            read = reader.read(word.field, self._resolved(word, word.convert(_instant(value))))
        except (PsaError, OrderRefused) as error:
            self._fault(where, str(error))
            return None
        for fault in reader.faults:
            self._fault(where, fault.message)
        if word.field == "agreementId" and read not in self._seen["agreements"]:
            self._need_agreement(read, where)
        return read

    def _need_agreement(self, key: int, where: str) -> None:
        if self._draft.find("agreements", key) is None:
            self._fault(where, f"there is no agreement {key}")

    def _resolved(self, word: Word, value: Any) -> Any:
        """A currency by its code and a billing cycle by its option have no other name in the API.

        Products are found by identifier without going through the catalog for every addition.
        """
        if not isinstance(value, dict) or value.get("id") is not None:
            return value
        if word.field == "product":
            if self._products is None:
                self._products = self._identifiers("catalog")
            key = self._products.get(str(value.get("identifier")).casefold())
            return value if key is None else {"id": key}
        if "billingOptions" in value:
            cycles = {each["billingOptions"].casefold(): each for each in self._draft.all("billing_cycles")}
            cycle = cycles.get(value["billingOptions"].casefold())
            if cycle is None:
                names = ", ".join(each["billingOptions"] for each in cycles.values())
                raise OrderRefused(OrderFault("", f"no such billing cycle; these are: {names}"))
            return {"id": cycle["id"]}
        if "currencyCode" in value:
            code = str(value["currencyCode"])
            if not _CODE.fullmatch(code):
                raise OrderRefused(OrderFault("", f"{code!r} is no currency code of three letters"))
            return {"id": self._draft.currency(code)["id"]}
        return value

    def _identifiers(self, kind: str) -> dict[str, int]:
        """Identifier → record, of everything that is there already."""
        if kind not in _UNIQUE:
            return {}
        return {record["identifier"].casefold(): record["id"] for record in self._draft.all(kind)}

    def _check_identifier(self, kind: str, record: Record, taken: dict[str, int], where: str) -> None:
        identifier = record.get("identifier")
        if kind in _UNIQUE and identifier and taken.setdefault(identifier.casefold(), record["id"]) != record["id"]:
            self._fault(f"{where}.identifier", f"{identifier!r} is the identifier of another record")

    def _keep(self, kind: str, record: Record, given: Given, where: str) -> None:
        try:
            self._draft.keep(kind, _COMPLETE[kind](record, given, self._draft))
        except OrderRefused as refusal:
            for fault in refusal.faults:
                self._fault(f"{where}.{fault.field}", fault.message)

    def _fault(self, field: str, message: str) -> None:
        self.faults.append(OrderFault(field, message))


def _instant(value: Any) -> Any:
    """A day alone stands for its midnight."""
    return f"{value}T00:00:00Z" if isinstance(value, str) and _DAY.fullmatch(value) else value


def _company(record: Record, _: Given, draft: Draft) -> Record:
    defaults: Record = {
        "status": draft.first("company_statuses"),
        "types": [draft.first("company_types")],
        "deletedFlag": False,
        "isVendorFlag": False,
    }
    return draft.add_seat(defaults | _given_values(record))


def _agreement_type(record: Record, _: Given, draft: Draft) -> Record:
    monthly = next(each for each in draft.all("billing_cycles") if each["billingOptions"] == "Monthly")
    defaults: Record = {
        "defaultFlag": False,
        "inactiveFlag": False,
        "employeeCompRate": "Actual",
        "employeeCompNotExceed": "Billing",
        "invoicingCycle": "CalendarYear",
        "billTime": "NoDefault",
        "billExpenses": "NoDefault",
        "billProducts": "Billable",
        "taxableFlag": True,
        "prorateFlag": False,
        "billingCycle": reference("billing_cycles", monthly),
        "billingTerms": draft.first("billing_terms"),
        "location": draft.first("locations"),
        "department": draft.first("departments"),
    }
    return defaults | _given_values(record)


def _item(record: Record, _: Given, draft: Draft) -> Record:
    text = record.get("description") or record["identifier"]
    defaults: Record = {
        "description": text,
        "customerDescription": text,
        "subcategory": draft.first("subcategories"),
        "category": draft.first("categories"),
        "type": draft.first("product_types"),
        "unitOfMeasure": draft.first("units"),
    }
    return complete_item(defaults | _given_values(record))


def _agreement(record: Record, given: Given, draft: Draft) -> Record:
    """Billing starts with the agreement, and the first period is the next to be invoiced, unless it says otherwise."""
    given_days = [record.get(name) for name in ("billStartDate", "startDate", "nextInvoiceDate")]
    begins = next((day for day in given_days if day), None)
    if begins:
        record = {"startDate": begins, "billStartDate": begins} | _given_values(record)
    if record.get("dateCancelled"):
        record["cancelledFlag"] = True
    company = draft.find("companies", record["company"]["id"]) or {}
    if company.get("defaultContact"):
        record.setdefault("contact", company["defaultContact"])
    kept = complete_agreement(record, draft)
    kept["nextInvoiceDate"] = kept["nextInvoiceDate"][:10]
    billed_in = given.get("billed_in")
    if billed_in not in (None, "advance", "arrears"):
        raise OrderRefused(OrderFault("billed_in", "either advance or arrears"))
    if kept.get("endDate") and kept["endDate"] < kept["startDate"]:
        raise OrderRefused(OrderFault("end", "the end is before the start"))
    return kept | ({invoiced.BILLED_IN: billed_in} if billed_in else {})


def _addition(record: Record, given: Given, draft: Draft) -> Record:
    """What the last invoice can have billed, it has billed, unless the addition says otherwise."""
    agreement = draft.find("agreements", record["agreementId"])
    if agreement is None:  # it is in the order, and was refused with all that it brings
        return record
    begins = max(day_of(agreement, "billStartDate", date.min), day_of(agreement, "startDate", date.min))
    defaults: Record = {"billCustomer": "Billable", "quantity": Decimal(1), "effectiveDate": f"{begins}T00:00:00Z"}
    record = defaults | _given_values(record)
    kept = complete_addition(record, agreement, draft)
    if "billed_through" in given:
        through = _billed_through(given["billed_through"])
    else:
        through = invoiced.presumably_billed_through(draft, agreement, day_of(kept, "effectiveDate", begins))
    return kept | ({invoiced.BILLED_THROUGH: through.isoformat()} if through else {})


def _billed_through(value: Any) -> date | None:
    try:
        return None if value is None else date.fromisoformat(str(value)[:10])
    except ValueError:
        raise OrderRefused(OrderFault("billed_through", "a day such as 2026-05-31, or null, is needed")) from None


def _given_values(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


_COMPLETE: dict[str, Callable[[Record, Given, Draft], Record]] = {
    "companies": _company,
    "agreement_types": _agreement_type,
    "catalog": _item,
    "agreements": _agreement,
    "additions": _addition,
}
