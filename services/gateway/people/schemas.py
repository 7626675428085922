"""Who somebody is, as the API says it."""

from uuid import UUID

from pydantic import BaseModel

from services.contracts.vocabulary import Role
from services.gateway.visitors import Visitor


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
    def of(cls, visitor: Visitor) -> "Me":
        return cls(
            id=visitor.account_id,
            email=visitor.email,
            name=visitor.name,
            roles=sorted(visitor.roles),
            partner=PartnerRef(id=visitor.partner_id, name=visitor.partner_name),
        )
