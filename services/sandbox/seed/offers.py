"""What the demo seller sells: 25 offers, and the nearly equal catalog items ConnectWise has for most of them."""

from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from services.sandbox.seed.draw import guid


class OfferKind(StrEnum):
    LICENSE = "license"  # billed monthly in advance
    ANNUAL = "annual"  # billed once a year in advance
    USAGE = "usage"  # metered, in arrears
    ITEM = "item"  # per seat, not prepaid, in arrears
    ONE_TIME = "one-time"


MICROSOFT = "Microsoft"


class Offer(NamedTuple):
    number: int
    name: str
    vendor: str
    sku: str
    """The vendor's own id of the offer."""
    kind: OfferKind
    price: Decimal
    """Monthly (or yearly, or per unit) list price in EUR."""
    share: int
    """Its share of all subscriptions, in 256ths."""
    item: str
    """Identifier of the catalog item in ConnectWise; empty when there is none."""
    item_description: str

    is_microsoft: bool


_L, _A, _U, _I, _O = OfferKind
_TABLE: list[tuple[str, str, str, OfferKind, str, int]] = [
    ("Microsoft 365 Business Basic", MICROSOFT, "CFQ7TTC0LH18:0001", _L, "5.10", 22),
    ("Microsoft 365 Business Standard", MICROSOFT, "CFQ7TTC0LDPB:0001", _L, "10.50", 30),
    ("Microsoft 365 Business Premium", MICROSOFT, "CFQ7TTC0LCHC:0002", _L, "18.60", 34),
    ("Microsoft 365 E3", MICROSOFT, "CFQ7TTC0LFLX:0001", _L, "33.70", 12),
    ("Microsoft 365 E5", MICROSOFT, "CFQ7TTC0LFLZ:0002", _L, "54.60", 6),
    ("Microsoft 365 Apps for business", MICROSOFT, "CFQ7TTC0LH1G:0001", _L, "8.80", 8),
    ("Exchange Online (Plan 1)", MICROSOFT, "CFQ7TTC0LH16:0001", _L, "3.40", 14),
    ("Microsoft Defender for Business", MICROSOFT, "CFQ7TTC0J1GB:0003", _L, "2.53", 8),
    ("Microsoft Entra ID P1", MICROSOFT, "CFQ7TTC0LFLS:0002", _L, "5.06", 8),
    ("Power BI Pro", MICROSOFT, "CFQ7TTC0HL8W:0001", _L, "8.43", 8),
    ("Visio Plan 2", MICROSOFT, "CFQ7TTC0HD32:0002", _L, "12.65", 4),
    ("Planner and Project Plan 3", MICROSOFT, "CFQ7TTC0HD9W:0001", _L, "25.30", 4),
    ("Microsoft 365 Copilot", MICROSOFT, "CFQ7TTC0MM8R:0001", _L, "28.10", 6),
    ("Bitdefender GravityZone Business Security", "Bitdefender", "BD-GZ-BS-M", _L, "2.1475", 14),
    ("Keepit Backup for Microsoft 365", "Keepit", "KEEPIT-M365", _L, "2.75", 12),
    ("Exclaimer Signatures for Office 365", "Exclaimer", "EXCL-SIG-365", _L, "1.15", 6),
    ("Dropbox Business Advanced", "Dropbox", "DBX-ADV", _L, "18.00", 4),
    ("Microsoft 365 Business Premium (Annual)", MICROSOFT, "CFQ7TTC0LCHC:0002:P1Y", _A, "223.20", 4),
    ("Acronis Cyber Protect Advanced (Annual)", "Acronis", "ACR-CPA-Y", _A, "89.00", 4),
    ("Azure Plan", MICROSOFT, "DZH318Z0BPS6:0001", _U, "0.0417", 16),
    ("Wasabi Hot Cloud Storage", "Wasabi", "WAS-RCS-TB", _U, "7.2360", 6),
    ("Acronis Cyber Protect Cloud - Workstation", "Acronis", "ACR-CPC-WS", _I, "4.25", 8),
    ("SentinelOne Singularity Control", "SentinelOne", "S1-CTRL-EP", _I, "3.9580", 10),
    ("Windows Server 2025 Standard - 16 Core", MICROSOFT, "DG7GMGF0PWHC:0003", _O, "912.50", 3),
    ("Tenant migration, per mailbox", "Northwind Services", "NW-MIG-MBX", _O, "24.90", 5),
]
_ITEMS: dict[str, tuple[str, str]] = {
    "CFQ7TTC0LH18:0001": ("M365-BB", "M365 Business Basic"),
    "CFQ7TTC0LDPB:0001": ("M365-BS", "M365 Business Standard"),
    "CFQ7TTC0LCHC:0002": ("M365-BP", "Microsoft 365 Business Premium (monthly)"),
    "CFQ7TTC0LFLX:0001": ("M365-E3", "M365 E3"),
    "CFQ7TTC0LFLZ:0002": ("M365-E5", "M365 E5"),
    "CFQ7TTC0LH1G:0001": ("M365-APPS", "Microsoft 365 Apps for Business"),
    "CFQ7TTC0LH16:0001": ("EXO-P1", "Exchange Online Plan 1"),
    "CFQ7TTC0J1GB:0003": ("MDB", "Defender for Business"),
    "CFQ7TTC0LFLS:0002": ("AAD-P1", "Azure AD Premium P1 (Entra ID P1)"),
    "CFQ7TTC0HL8W:0001": ("PBI-PRO", "Microsoft Power BI Pro"),
    "CFQ7TTC0HD32:0002": ("VISIO-2", "Visio Plan 2"),
    "CFQ7TTC0HD9W:0001": ("PROJ-3", "Project Plan 3"),
    "BD-GZ-BS-M": ("BITD-GZ", "Bitdefender GravityZone Bus. Security"),
    "KEEPIT-M365": ("KEEPIT-365", "Keepit Backup for M365"),
    "DBX-ADV": ("DROPBOX-ADV", "Dropbox Business - Advanced"),
    "CFQ7TTC0LCHC:0002:P1Y": ("M365-BP-Y", "Microsoft 365 Business Premium - yearly"),
    "ACR-CPA-Y": ("ACRONIS-ADV-Y", "Acronis Cyber Protect Adv., annual"),
    "DZH318Z0BPS6:0001": ("AZURE", "Microsoft Azure Plan"),
    "ACR-CPC-WS": ("ACRONIS-WS", "Acronis Cyber Protect Cloud Workstation"),
    "S1-CTRL-EP": ("S1-CONTROL", "SentinelOne Control (per endpoint)"),
    "DG7GMGF0PWHC:0003": ("WS25-STD16", "Windows Server 2025 Std 16 Core"),
    "NW-MIG-MBX": ("NW-MIGRATION", "Tenant migration per mailbox"),
}
"""The vendor's id → identifier and description in ConnectWise; three offers have no item there."""

OFFERS: tuple[Offer, ...] = tuple(
    Offer(number, name, vendor, sku, kind, Decimal(price), share, *_ITEMS.get(sku, ("", "")), vendor == MICROSOFT)
    for number, (name, vendor, sku, kind, price, share) in enumerate(_TABLE)
)

WHEEL: tuple[Offer, ...] = tuple(offer for offer in OFFERS for _ in range(offer.share))
"""256 places, so that one byte of chance picks an offer."""


@cache
def offer_id(seed: int, number: int) -> str:
    return guid(seed, f"offer/{number}")


@cache
def vendor_id(seed: int, vendor: str) -> str:
    return guid(seed, f"vendor/{vendor}")
