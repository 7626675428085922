"""ConnectWise's JSON to our types and back; a record of the wrong shape fails alone, its raw text kept.

Days are the calendar day of the text, whatever time and zone follow it: ConnectWise stores a day as
midnight and different clients read it shifted. A day goes out as that day at T00:00:00Z.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from services.contracts.shapes import AgreementFacts
from services.kit.upstream.http import BadUpstreamAnswer, encode_json
from services.sync.psas.connectwise.models import (
    Addition,
    AdditionDraft,
    AgreementType,
    CatalogItem,
    Company,
    Contact,
    Patch,
    SystemInfo,
)
from services.sync.unreadable import Unreadable, WrongShape

RecordT = TypeVar("RecordT")
Wire = Mapping[str, Any]
CURRENCY_LETTERS = 3


@dataclass(frozen=True)
class Page(Generic[RecordT]):
    """Up to 1000 records, and those among them that could not be read."""

    records: list[RecordT]
    unreadable: list[Unreadable]


def read_page(items: object, read: Callable[[Wire], RecordT]) -> Page[RecordT]:
    """Every record that can be read; the others beside them."""
    if not isinstance(items, list):
        raise BadUpstreamAnswer("a list was expected", raw=raw_text(items))
    page: Page[RecordT] = Page([], [])
    for item in items:
        try:
            page.records.append(read(_record(item)))
        except (ValueError, ArithmeticError) as fault:
            page.unreadable.append(Unreadable(str(fault), raw_text(item)))
    return page


def read_one(item: object, read: Callable[[Wire], RecordT]) -> RecordT:
    """The record, or `BadUpstreamAnswer` with its text."""
    try:
        return read(_record(item))
    except (ValueError, ArithmeticError) as fault:
        raise BadUpstreamAnswer(f"unreadable record: {fault}", raw=raw_text(item)) from fault


def raw_text(item: object) -> str:
    return encode_json(item).decode()


def read_addition(wire: Wire) -> Addition:
    product = _reference(wire, "product")
    return Addition(
        id=_id(wire),
        agreement_id=_text(wire, "agreementId"),
        product_id=_text(product, "id"),
        product_identifier=_text(product, "identifier"),
        quantity=_number(wire, "quantity") or Decimal(0),
        unit_price=_number(wire, "unitPrice") or Decimal(0),
        bill_option=_text(wire, "billCustomer"),
        taxable=_flag(wire, "taxableFlag"),
        effective_date=_day(wire, "effectiveDate"),
        cancelled_date=_day(wire, "cancelledDate"),
        serial_number=_text(wire, "serialNumber"),
        invoice_description=_text(wire, "invoiceDescription"),
        last_updated=_instant(_reference(wire, "_info"), "lastUpdated"),
    )


def read_agreement(wire: Wire, cycles: Mapping[str, str]) -> AgreementFacts:
    """`cycles`: billing cycle id → its billing option; a name alone is free text of the tenant."""
    kind, cycle = _reference(wire, "type"), _reference(wire, "billingCycle")
    billing_start = _day(wire, "billStartDate") or _day(wire, "startDate")
    if billing_start is None:
        raise WrongShape("the agreement has neither billStartDate nor startDate")
    return AgreementFacts(
        agreement_id=_id(wire),
        name=_text(wire, "name"),
        company_id=_text(_reference(wire, "company"), "id"),
        type_id=_text(kind, "id"),
        type_name=_text(kind, "name"),
        status=_agreement_status(wire),
        currency=_currency(wire),
        billing_cycle=cycles.get(_text(cycle, "id")) or _text(cycle, "name").replace("-", "").replace(" ", ""),
        invoicing_cycle=_text(wire, "invoicingCycle") or "CalendarYear",
        billing_start=billing_start,
        next_invoice_date=_day(wire, "nextInvoiceDate"),
        end_date=_agreement_end(wire),
        is_prorated=_flag(wire, "prorateFlag"),
    )


def _agreement_status(wire: Wire) -> str:
    if _flag(wire, "cancelledFlag"):
        return "Cancelled"
    return _text(wire, "agreementStatus") or "Inactive"


def _agreement_end(wire: Wire) -> date | None:
    if _flag(wire, "cancelledFlag") and (cancelled := _day(wire, "dateCancelled")):
        return cancelled
    return None if _flag(wire, "noEndingDateFlag") else _day(wire, "endDate")


def read_company(wire: Wire) -> Company:
    kinds = wire.get("types") or []
    return Company(
        id=_id(wire),
        identifier=_text(wire, "identifier"),
        name=_text(wire, "name"),
        is_active=not _flag(wire, "deletedFlag"),
        currency=_currency(wire),
        status=_text(_reference(wire, "status"), "name"),
        types=tuple(_text(kind, "name") for kind in kinds if isinstance(kind, dict)),
    )


def read_catalog_item(wire: Wire) -> CatalogItem:
    return CatalogItem(
        id=_id(wire),
        identifier=_text(wire, "identifier"),
        description=_text(wire, "description"),
        is_active=not _flag(wire, "inactiveFlag"),
        product_class=_text(wire, "productClass") or "NonInventory",
        price=_number(wire, "price"),
        taxable=_flag(wire, "taxableFlag"),
    )


def read_agreement_type(wire: Wire) -> AgreementType:
    return AgreementType(
        id=_id(wire),
        name=_text(wire, "name"),
        is_active=not _flag(wire, "inactiveFlag"),
        is_prorated=_flag(wire, "prorateFlag"),
    )


def read_contact(wire: Wire) -> Contact:
    name = " ".join(filter(None, (_text(wire, "firstName"), _text(wire, "lastName"))))
    return Contact(id=_id(wire), name=name, company_id=_text(_reference(wire, "company"), "id"))


def read_system_info(wire: Wire) -> SystemInfo:
    return SystemInfo(
        version=_text(wire, "version"),
        is_cloud=_flag(wire, "isCloud"),
        server_time_zone=_text(wire, "serverTimeZone"),
    )


def read_billing_cycle(wire: Wire) -> tuple[str, str]:
    return _id(wire), _text(wire, "billingOptions")


def write_addition(draft: AdditionDraft) -> dict[str, object]:
    wire: dict[str, object] = {
        "product": {"id": int(draft.product_id)},
        "quantity": draft.quantity,
        "unitPrice": draft.unit_price,
        "billCustomer": draft.bill_option.value,
        "taxableFlag": draft.taxable,
        "effectiveDate": write_day(draft.effective_date),
        "serialNumber": draft.serial_number,
        "invoiceDescription": draft.invoice_description,
    }
    if draft.cancelled_date is not None:
        wire["cancelledDate"] = write_day(draft.cancelled_date)
    return wire


def write_patches(patches: Sequence[Patch]) -> list[dict[str, object]]:
    """ConnectWise's own PATCH dialect: an array, bare names, references whole, `remove` to clear."""
    return [_write_patch(patch) for patch in patches]


def _write_patch(patch: Patch) -> dict[str, object]:
    if patch.value is None:
        return {"op": "remove", "path": patch.path}
    return {"op": "replace", "path": patch.path, "value": _patch_value(patch)}


def _patch_value(patch: Patch) -> object:
    if patch.path == "product":
        return {"id": int(str(patch.value))}
    return write_day(patch.value) if isinstance(patch.value, date) else patch.value


def write_day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _record(item: object) -> Wire:
    if not isinstance(item, dict):
        raise WrongShape("an object was expected")
    return item


def _id(wire: Wire) -> str:
    value = wire.get("id")
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongShape("the record has no id")
    return str(value)


def _reference(wire: Wire, key: str) -> Wire:
    value = wire.get(key)
    return value if isinstance(value, dict) else {}


def _text(wire: Wire, key: str) -> str:
    """NULs are dropped: texts of real tenants hold some, and PostgreSQL refuses them."""
    value = wire.get(key)
    if value is None:
        return ""
    return value.replace("\x00", "") if isinstance(value, str) else str(value)


def _flag(wire: Wire, key: str) -> bool:
    value = wire.get(key)
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _number(wire: Wire, key: str) -> Decimal | None:
    value = wire.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise WrongShape(f"{key} is not a number")
    return Decimal(value)


def _day(wire: Wire, key: str) -> date | None:
    text = _text(wire, key)
    return date.fromisoformat(text[:10]) if text else None


def _instant(wire: Wire, key: str) -> datetime | None:
    text = _text(wire, key)
    return datetime.fromisoformat(text) if text else None


def _currency(wire: Wire) -> str | None:
    reference = _reference(wire, "currency")
    texts = (_text(reference, key) for key in ("currencyCode", "currencyIdentifier", "name"))
    return next((text.upper() for text in texts if len(text) == CURRENCY_LETTERS and text.isalpha()), None)
