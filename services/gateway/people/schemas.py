"""Who somebody is, as the API says it."""

from uuid import UUID

from pydantic import BaseModel

from services.contracts.vocabulary import Role
from services.gateway.principals import Principal


class PartnerRef(BaseModel):
    id: UUID
    name: str


class Me(BaseModel):
    """The person signed in, or the one who made the token that is used."""

    id: UUID
    email: str
    name: str
    roles: list[Role]
    partner: PartnerRef

    @classmethod
    def of(cls, principal: Principal) -> "Me":
        return cls(
            id=principal.account_id,
            email=principal.email,
            name=principal.name,
            roles=sorted(principal.roles),
            partner=PartnerRef(id=principal.partner_id, name=principal.partner_name),
        )
