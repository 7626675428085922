"""The product catalog of the demo PSA: most offers under other names, and much that AppXite does not sell."""

from decimal import Decimal

from services.sandbox.seed.offers import OFFERS, OfferKind
from services.sandbox.seed.references import Record, entered, reference

FIRST_ID = 600
FIREWALL, HELPDESK, BUNDLE = 640, 641, 652
_OTHERS: list[tuple[str, str, str, str]] = [
    ("MGD-FIREWALL", "Managed firewall", "Service", "85.00"),
    ("HELPDESK-USER", "Helpdesk, per user", "Service", "32.00"),
    ("ONSITE-HOUR", "On-site engineer, hour", "Service", "95.00"),
    ("RMM-AGENT", "RMM agent", "Agreement", "3.50"),
    ("AV-LEGACY", "Antivirus (legacy)", "NonInventory", "2.10"),
    ("M365-F3", "M365 F3", "NonInventory", "7.50"),
    ("M365-BP-NP", "Microsoft 365 Business Premium (non-profit)", "NonInventory", "4.10"),
    ("EXO-P2", "Exchange Online Plan 2", "NonInventory", "6.70"),
    ("AZURE-RI", "Azure reserved instance", "NonInventory", "0.00"),
    ("HEADSET", "USB headset", "Inventory", "39.90"),
    ("DOMAIN-REG", "Domain registration, yearly", "NonInventory", "18.00"),
    ("SSL-CERT", "TLS certificate, yearly", "NonInventory", "65.00"),
    ("WORKPLACE-BNDL", "Workplace bundle", "Bundle", "120.00"),
]


def catalog(tables: dict[str, list[Record]], instant: str) -> list[Record]:
    items = [
        _item(FIRST_ID + offer.number, offer.item, offer.item_description, "NonInventory", offer.price)
        | ({"vendorSku": offer.sku} if offer.number % 3 == 0 else {})
        | {"recurringFlag": offer.kind is not OfferKind.ONE_TIME}
        for offer in OFFERS
        if offer.item
    ]
    items += [
        _item(FIREWALL + place, identifier, description, product_class, Decimal(price)) | {"recurringFlag": True}
        for place, (identifier, description, product_class, price) in enumerate(_OTHERS)
    ]
    for item in items:
        item["subcategory"] = reference("subcategories", tables["subcategories"][0])
        item["category"] = reference("categories", tables["categories"][0])
        item["type"] = reference("product_types", tables["product_types"][1])
        item["unitOfMeasure"] = reference("units", tables["units"][0])
        item["_info"] = entered(instant)
    return items


def _item(key: int, identifier: str, description: str, product_class: str, price: Decimal) -> Record:
    cents = price.quantize(Decimal("0.01"))
    return {
        "id": key,
        "identifier": identifier,
        "description": description,
        "customerDescription": description,
        "inactiveFlag": identifier == "AV-LEGACY",
        "productClass": product_class,
        "price": cents,
        "cost": (cents * Decimal("0.82")).quantize(Decimal("0.01")),
        "taxableFlag": True,
    }
