"""Who is asking, as the gateway vouches for it to a service: claims only, `kit.web.identity` signs them."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.contracts.vocabulary import Role

IDENTITY_HEADER = "x-tieout-identity"
CORRELATION_HEADER = "x-correlation-id"


class Identity(BaseModel):
    """A person or program acting for one partner, for the length of one request."""

    model_config = ConfigDict(frozen=True)

    partner_id: UUID
    actor_id: str
    actor_name: str
    roles: frozenset[Role]
    correlation_id: str
