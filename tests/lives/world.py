"""Both stand-ins' worlds for many lives: each life is one customer with a company and agreements of its own."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.lives.life import Agreement, Life, Row, read_hand_made, read_rows

OFFER, PRODUCT, AGREEMENT_TYPE = "offer-seats", 5, 1
IN_ARREARS = "Undefined"
"""The value of `periodType` that agreements in arrears have here, as the installation is told by its settings."""
_FIRST_COMPANY, _FIRST_AGREEMENT, _ROOM = 100, 10_000, 10
ENDED = "Expired"


@dataclass
class Customer:
    """A life in its place in the world: the ids under which both upstreams know it."""

    life: Life
    number: int
    name: str
    subscriptions: set[str] = field(default_factory=set)
    """Those that AppXite has heard of, by the names the life gives them."""

    @property
    def id(self) -> str:
        return f"customer-{self.number}"

    def company_id(self, letter: str = "A") -> int:
        other = letter == "B" and self.life.second is not None and self.life.second.of_another_company
        return _FIRST_COMPANY + self.number * _ROOM + int(other)

    def agreement_id(self, letter: str = "A") -> int:
        return _FIRST_AGREEMENT + self.number * _ROOM + "AB".index(letter)

    def row_id(self, row: str, month: str) -> str:
        return f"{self.number}.{month}.{row}"

    def invoice_id(self, month: str, *, is_custom: bool = False) -> str:
        return f"{self.number}.{month}{'.custom' if is_custom else ''}"

    def psa_records(self) -> dict[str, list[dict[str, Any]]]:
        """Company, agreements and what people made by hand."""
        letters = self.life.agreements
        companies = {self.company_id(letter) for letter in letters}
        return {
            "companies": [
                {"id": each, "identifier": f"C{each}", "name": f"Company {each}", "currency": self.life.currency}
                for each in sorted(companies)
            ],
            "agreements": [self._agreement(letter, terms) for letter, terms in letters.items()],
            "additions": [self._hand_made(place, text) for place, text in enumerate(self.life.hand_made)],
        }

    def _agreement(self, letter: str, terms: Agreement) -> dict[str, Any]:
        return {
            "id": self.agreement_id(letter),
            "name": f"Agreement {letter} of {self.id}",
            "company_id": self.company_id(letter),
            "type_id": AGREEMENT_TYPE,
            "currency": self.life.currency,
            "billing_cycle": terms.cycle,
            "invoicing_cycle": terms.periods,
            "prorated": terms.prorates,
            "start": terms.bill_start.isoformat(),
            "bill_start": terms.bill_start.isoformat(),
            "next_invoice_date": terms.next_invoice.isoformat(),
            "billed_in": terms.billed_in,
            **({"period_type": IN_ARREARS} if terms.billed_in == "arrears" else {}),
            **({"end": terms.end.isoformat()} if terms.end else {}),
        }

    def _hand_made(self, place: int, text: str) -> dict[str, Any]:
        made = read_hand_made(text)
        return {
            "id": self.agreement_id() * _ROOM + place,
            "agreement_id": self.agreement_id(),
            "product_id": PRODUCT,
            "quantity": str(made.quantity),
            "unit_price": str(made.unit_price),
            "effective_date": made.start.isoformat(),
            "bill_customer": made.bill_option,
            "invoice_description": made.text,
            **({"cancelled_date": made.end.isoformat()} if made.end else {}),
        }

    def organization(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "currency": self.life.currency}

    def contract(self) -> dict[str, Any]:
        return {
            "id": f"contract-{self.number}",
            "organization_id": self.id,
            "billing_day": self.life.billing_day,
            "currency": self.life.currency,
        }

    def subscription(self, name: str, *, ended: date | None = None) -> dict[str, Any]:
        self.subscriptions.add(name)
        return {
            "id": f"{self.id}-{name}",
            "organization_id": self.id,
            "offer_id": OFFER,
            "name": name.capitalize(),
            "status": ENDED if ended else "Active",
            "start": "2024-01-01",
            **({"end": ended.isoformat()} if ended else {}),
        }

    def invoice(
        self, month: str, texts: list[str], day: int = 1, status: str = "Verified", *, is_custom: bool = False
    ) -> dict[str, Any]:
        return {
            "id": self.invoice_id(month, is_custom=is_custom),
            "number": f"INV-{self.invoice_id(month, is_custom=is_custom)}",
            "organization_id": self.id,
            "currency": self.life.currency,
            "date": f"{month}-{day:02}",
            "status": status,
            "rows": [self._row(row, month, is_custom=is_custom) for row in read_rows(texts)],
        }

    def _row(self, row: Row, month: str, *, is_custom: bool) -> dict[str, Any]:
        return {
            "id": self.row_id(row.id, month),
            "subscription_id": f"{self.id}-{row.subscription}",
            "offer_id": OFFER,
            "charge_type": row.charge_type,
            "quantity": str(row.quantity),
            "unit_price": str(row.unit_price),
            "total": str(row.total),
            **({"start": row.start.isoformat()} if row.start else {}),
            **({"end": row.end.isoformat()} if row.end else {}),
            **({"custom": "Written by hand"} if is_custom else {}),
        }


def psa_world(customers: list[Customer], today: date) -> dict[str, Any]:
    """The whole world of ConnectWise before the first month."""
    records = [each.psa_records() for each in customers]
    return {
        "replace": True,
        "today": today.isoformat(),
        "agreement_types": [{"id": AGREEMENT_TYPE, "name": "Cloud"}],
        "catalog": [{"id": PRODUCT, "identifier": "SEAT", "description": "Seat", "price": "3.00", "cost": "2.00"}],
        **{
            kind: [record for found in records for record in found[kind]]
            for kind in ("companies", "agreements", "additions")
        },
    }


def marketplace_world(customers: list[Customer], today: date) -> dict[str, Any]:
    """The world of AppXite before its first invoice."""
    return {
        "replace": True,
        "today": today.isoformat(),
        "offers": [{"id": OFFER, "name": "Seats"}],
        "organizations": [each.organization() for each in customers],
        "contracts": [each.contract() for each in customers],
    }
