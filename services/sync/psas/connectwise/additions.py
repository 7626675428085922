"""An addition in ConnectWise's JSON and back: ten values, its PATCH dialect, and how it stores texts."""

from datetime import date
from decimal import Decimal

from services.kit.upstream.http import MissingUpstream
from services.sync.psas.addition import Addition, AdditionValues
from services.sync.psas.connectwise import wire

# Value → field name. Bare and case-sensitive: a nested path may answer 200 and do nothing. The product comes
# first, because a change of product may bring the catalog's price and texts with it.
FIELDS: dict[str, str] = {
    "product_id": "product",
    "quantity": "quantity",
    "unit_price": "unitPrice",
    "unit_cost": "unitCost",
    "bill_option": "billCustomer",
    "taxable": "taxableFlag",
    "effective_date": "effectiveDate",
    "cancelled_date": "cancelledDate",
    "serial_number": "serialNumber",
    "invoice_description": "invoiceDescription",
}


def list_path(agreement_id: str) -> str:
    return f"/finance/agreements/{record_number(agreement_id)}/additions"


def record_path(agreement_id: str, addition_id: str) -> str:
    return f"{list_path(agreement_id)}/{record_number(addition_id)}"


def record_number(record_id: str) -> int:
    """ConnectWise's ids are whole numbers; `MissingUpstream` for a text that cannot be one of them."""
    if not (record_id.isascii() and record_id.isdigit()):
        raise MissingUpstream(f"ConnectWise has no record {record_id!r}", status=404)
    return int(record_id)


def read_addition(item: wire.Wire, agreement_id: str, *, shows_prorated_price: bool = True) -> Addition:
    """One addition of the agreement that was asked for.

    A prorated price of zero is none: it stands on additions that begin with a period.
    """
    return Addition(
        prorated=wire.number(item, "extendedProratePrice") or None if shows_prorated_price else None,
        id=wire.record_id(item),
        agreement_id=wire.text(item, "agreementId") or agreement_id,
        values=AdditionValues(
            product_id=wire.text(wire.reference(item, "product"), "id"),
            quantity=wire.number(item, "quantity") or Decimal(0),
            unit_price=wire.number(item, "unitPrice") or Decimal(0),
            bill_option=wire.text(item, "billCustomer"),
            taxable=wire.flag(item, "taxableFlag"),
            effective_date=wire.day(item, "effectiveDate"),
            cancelled_date=wire.day(item, "cancelledDate"),
            serial_number=wire.text(item, "serialNumber").strip(),
            invoice_description=text_held(wire.text(item, "invoiceDescription")),
        ),
        unit_cost=wire.number(item, "unitCost"),
    )


def write_addition(values: AdditionValues) -> dict[str, object]:
    """The addition to be created, in full: nothing but a unit cost that no rule names is left to the catalog."""
    if values.effective_date is None:
        raise ValueError("an addition without effective date cannot be created")
    return {FIELDS[name]: _written(name, value) for name, value in _items(values) if value is not None}


def write_changes(before: AdditionValues, after: AdditionValues) -> list[dict[str, object]]:
    """The PATCH that brings `before` to `after`: an array, references whole, `remove` to clear, absolute values.

    Where the product changes, every other value goes along: some tenants then take price and texts from the catalog.
    """
    is_other_product = before.product_id != after.product_id
    return [
        _change(name, value)
        for name, value in _items(after)
        if value != getattr(before, name) or (is_other_product and value is not None)
    ]


def values_held(values: AdditionValues) -> AdditionValues:
    """Values with texts as ConnectWise keeps them, so that what was sent equals what is read back.

    Numbers stay as they are: billing picks those that are kept whole (see `traits`), and rounding here would hide
    money that a tenant with fewer decimals bills differently.
    """
    return values.model_copy(
        update={
            "serial_number": values.serial_number.strip(),
            "invoice_description": text_held(values.invoice_description),
        }
    )


def text_held(text: str) -> str:
    """A text as ConnectWise keeps it: line breaks become a space, tabs four."""
    return text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", "    ").strip()


def _items(values: AdditionValues) -> list[tuple[str, object]]:
    return [(name, getattr(values, name)) for name in FIELDS]


def _change(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {"op": "remove", "path": FIELDS[name]}
    return {"op": "replace", "path": FIELDS[name], "value": _written(name, value)}


def _written(name: str, value: object) -> object:
    if name == "product_id":
        return {"id": record_number(str(value))}
    return wire.write_day(value) if isinstance(value, date) else value
