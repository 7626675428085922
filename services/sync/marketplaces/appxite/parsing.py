"""AppXite's records to the words everyone shares; a record that does not fit raises `WrongShape`."""

from collections.abc import Callable
from typing import Any

from services.contracts.periods import period_of
from services.contracts.shapes import InvoiceFacts, MirrorRecord, RowFacts
from services.sync.marketplaces.appxite import profiles
from services.sync.marketplaces.appxite.keys import Fields, KeyMap, key_form
from services.sync.marketplaces.port import InvoiceHeader, InvoiceRow
from services.sync.unreadable import WrongShape

_HEADER = KeyMap(profiles.HEADER_KEYS)
_ROW = KeyMap(profiles.ROW_KEYS)
_ORGANIZATION = KeyMap(profiles.ORGANIZATION_KEYS)
_OFFER = KeyMap(profiles.OFFER_KEYS)
_CONTRACT = KeyMap(profiles.CONTRACT_KEYS)
_SUBSCRIPTION = KeyMap(profiles.SUBSCRIPTION_KEYS)

ReadRecord = Callable[[Any], MirrorRecord]


def is_sendable(status: str) -> bool:
    """Verified or later. A status we do not know is not sendable: showing too little harms less."""
    return key_form(status) in profiles.SENDABLE_STATUSES


def read_header(
    record: Any, raw: str, *, profile: profiles.Profile, is_preview: bool, own_organization: str = ""
) -> InvoiceHeader:
    """One header; `own_organization` is the partner's, empty where every issuer counts as the partner."""
    fields = _fields(record, _HEADER)
    day = fields.day("date")
    if day is None:
        raise WrongShape("the invoice has no date")
    currency = fields.text("currency").strip().upper()
    if not currency:
        raise WrongShape("the invoice has no currency")
    status = fields.text("status") or (profiles.PREVIEW_STATUS if is_preview else profile.absent_status)
    facts = InvoiceFacts(
        invoice_id=fields.required_id("invoice_id"),
        number=fields.text("number"),
        invoice_date=day,
        period=period_of(day),
        currency=currency,
        status=status,
        is_sendable=is_sendable(status) and not is_preview,
    )
    return InvoiceHeader(
        facts=facts,
        checksum=fields.number("checksum"),
        organization=fields.text("receiver"),
        is_preview=not facts.is_sendable,
        raw=raw,
        issued_by=_other_issuer(fields, own_organization),
    )


def _other_issuer(fields: Fields, own_organization: str) -> str:
    """Whoever else issued an invoice: a partner also lists those that it received. Empty where the header is silent."""
    provider = fields.id("provider_id")
    if not own_organization or not provider or provider == own_organization.strip().lower():
        return ""
    return fields.text("provider") or provider


def read_row(record: Any, raw: str, invoice_id: str = "") -> InvoiceRow:
    """One row; `invoice_id` is the invoice asked for, where the row itself does not say."""
    fields = _fields(record, _ROW)
    subscription_id = fields.id("subscription_id")
    if subscription_id == profiles.EMPTY_GUID:
        subscription_id = ""
    facts = RowFacts(
        invoice_id=fields.id("invoice_id") or invoice_id,
        row_id=fields.required_id("row_id"),
        organization_id=fields.required_id("organization_id"),
        organization_name=fields.text("organization_name"),
        offer_id=fields.id("offer_id"),
        offer_name=fields.text("offer_name"),
        subscription_id=subscription_id,
        subscription_name=fields.text("subscription_name"),
        charge_type=fields.text("charge_type"),
        charge_start=fields.day("charge_start"),
        charge_end=fields.day("charge_end"),
        quantity=fields.required_number("quantity"),
        unit_price=fields.required_number("unit_price"),
        total=fields.required_number("total"),
        is_custom=_is_custom(fields),
        vendor=fields.text("vendor"),
        contract_number=fields.text("contract_number"),
        purchase_order=fields.text("purchase_order"),
    )
    return InvoiceRow(facts, fields.text("invoice_number"), raw)


def _is_custom(fields: Fields) -> bool:
    """A row of a custom invoice, also where it is typed as another charge or linked to a real subscription."""
    return (
        key_form(fields.text("charge_type")) == profiles.CUSTOM_CHARGE
        or key_form(fields.text("source")) in profiles.CUSTOM_SOURCES
        or key_form(fields.text("subscription_name")) == profiles.NO_SUBSCRIPTION
        or fields.is_filled("custom_details")
    )


def identify_invoice(record: Any) -> tuple[str, str]:
    """Invoice id and number of a row or header that may be unreadable otherwise; empty where absent."""
    if not isinstance(record, dict):
        return "", ""
    fields = _fields(record, _ROW)
    try:
        return fields.id("invoice_id"), fields.text("invoice_number")
    except WrongShape:
        return "", ""


def read_organization(record: Any) -> MirrorRecord:
    fields = _fields(record, _ORGANIZATION)
    extra = ("country", "city", "postal_code", "address", "email", "vat_number", "registration_number", "status")
    return MirrorRecord(
        external_id=fields.required_id("id"),
        name=fields.text("name"),
        is_active=key_form(fields.text("status")) not in profiles.BLOCKED_ORGANIZATIONS,
        parent_id=fields.id("parent") or None,
        currency=fields.text("currency").upper() or None,
        identifier=fields.text("erp_id") or None,
        attributes=_attributes(fields, extra),
    )


def read_offer(record: Any) -> MirrorRecord:
    fields = _fields(record, _OFFER)
    return MirrorRecord(
        external_id=fields.required_id("id"),
        name=fields.text("name"),
        is_active=key_form(fields.text("status")) not in profiles.WITHDRAWN_OFFERS,
        identifier=fields.text("vendor_offer_id") or None,
        attributes=_attributes(fields, ("short_name", "product", "status")),
    )


def read_contract(record: Any) -> MirrorRecord:
    fields = _fields(record, _CONTRACT)
    return MirrorRecord(
        external_id=fields.required_id("id"),
        name=fields.text("name"),
        is_active=key_form(fields.text("status")) not in profiles.ENDED_CONTRACTS,
        parent_id=fields.id("organization_id") or None,
        currency=fields.text("currency").upper() or None,
        identifier=fields.text("number") or None,
        attributes=_attributes(fields, ("reference", "purpose", "billing_cycle_day", "start", "status")),
    )


def read_subscription(record: Any) -> MirrorRecord:
    fields = _fields(record, _SUBSCRIPTION)
    extra = ("offer_id", "status", "quantity", "start", "end", "billing_cycle", "commitment_term")
    return MirrorRecord(
        external_id=fields.required_id("id"),
        name=fields.text("name"),
        is_active=key_form(fields.text("status")) not in profiles.ENDED_SUBSCRIPTIONS,
        parent_id=fields.id("organization_id") or None,
        identifier=fields.text("vendor_subscription_id") or None,
        attributes=_attributes(fields, extra),
    )


def has_name(record: Any) -> bool:
    """Whether an organization came whole, or as a bare id that has to be looked up."""
    return isinstance(record, dict) and bool(_fields(record, _ORGANIZATION).text("name"))


def organization_id(record: Any) -> str:
    """The id of an organization in a list: an object, or the id alone."""
    return record.strip().lower() if isinstance(record, str) else _fields(record, _ORGANIZATION).required_id("id")


def _fields(record: Any, keys: KeyMap) -> Fields:
    if not isinstance(record, dict):
        raise WrongShape("an object was expected")
    return Fields(record, keys.resolve(record))


def _attributes(fields: Fields, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: fields.text(name) for name in names}
    return {name: value for name, value in found.items() if value}
