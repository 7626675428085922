"""Additions that somebody typed in before go-live: none carries a marker, three equal what a subscription bills."""

from datetime import date
from decimal import Decimal

from services.sandbox.seed.agreements import PRORATED
from services.sandbox.seed.catalog import FIREWALL, HELPDESK
from services.sandbox.seed.catalog import FIRST_ID as FIRST_ITEM
from services.sandbox.seed.months import ONE_DAY, add_months, midnight
from services.sandbox.seed.organizations import ORGANIZATIONS
from services.sandbox.seed.references import Record, entered, reference
from services.sandbox.seed.setup_tables import CLOUD, MANAGED
from services.sandbox.seed.subscriptions import PINNED, subscription

FIRST_ID = 70001
_ADOPTABLE = (0, 2, 5)
"""Customers whose first subscription is on their agreement already."""


def hand_made_additions(
    seed: int, month: date, agreements: list[Record], catalog: list[Record], instant: str
) -> list[Record]:
    items = {item["id"]: item for item in catalog}
    made: list[Record] = []

    def add(agreement: Record, item_id: int, quantity: int, price: Decimal, note: str) -> None:
        item = items[item_id]
        made.append(
            {
                "id": FIRST_ID + len(made),
                "agreementId": agreement["id"],
                "product": reference("catalog", item) | {"serializedFlag": False},
                "quantity": Decimal(quantity),
                "lessIncluded": Decimal(0),
                "unitPrice": price,
                "unitCost": item["cost"],
                "billCustomer": "Billable",
                "effectiveDate": midnight(add_months(month, -8)),
                "taxableFlag": True,
                "invoiceDescription": note or item["description"],
                "purchaseItemFlag": False,
                "specialOrderFlag": False,
                "uom": "Each",
                "billedThrough": (date.fromisoformat(agreement["nextInvoiceDate"]) - ONE_DAY).isoformat(),
                "_info": entered(instant, "JVisser"),
            }
        )

    for number in _ADOPTABLE:
        bought = subscription(seed, month, ORGANIZATIONS[number], 0)
        item_id = FIRST_ITEM + PINNED[number, 0].offer
        add(_first_agreement(agreements, number, CLOUD), item_id, bought.quantity, bought.unit_price, "")
    add(_first_agreement(agreements, 2, MANAGED), FIREWALL, 1, Decimal("85.00"), "Managed firewall, head office")
    add(_first_agreement(agreements, 2, MANAGED), HELPDESK, 14, Decimal("32.00"), "")
    add(_first_agreement(agreements, PRORATED[0], CLOUD), HELPDESK, 6, Decimal("30.00"), "Helpdesk at the old rate")
    add(_first_agreement(agreements, 11, CLOUD), FIRST_ITEM + 1, 3, Decimal("9.99"), "M365 for the workshop terminals")
    add(_first_agreement(agreements, 24, CLOUD), FIREWALL, 2, Decimal("85.00"), "")
    return made


def _first_agreement(agreements: list[Record], number: int, type_id: int) -> Record:
    company = ORGANIZATIONS[number].companies[0]
    return next(a for a in agreements if a["company"]["name"] == company and a["type"]["id"] == type_id)
