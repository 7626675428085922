"""What the pickers of mapping show."""

from datetime import date

from pydantic import BaseModel


class Reference(BaseModel):
    """Something of the PSA that can be chosen."""

    id: str
    name: str
    identifier: str | None


class AgreementReference(BaseModel):
    """An agreement that can be chosen, with what decides whether it fits."""

    id: str
    name: str
    company_id: str
    type_id: str
    type: str
    status: str
    currency: str | None
    billing_cycle: str
    is_prorated: bool
    next_invoice_date: date | None
