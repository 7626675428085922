"""Principals: a person or a program that a credential belongs to, as the database knows them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.contracts.identity import Identity
from services.contracts.vocabulary import Role
from services.gateway.rights import Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody authenticated. For a token, the person is the one who made it."""

    partner_id: UUID
    partner_name: str
    account_id: UUID
    email: str
    name: str
    roles: frozenset[Role]
    expires_at: datetime | None
    token_id: UUID | None = None
    token_name: str = ""
    scopes: frozenset[Scope] | None = None

    def identity(self, correlation_id: str) -> Identity:
        """The identity that is signed for the services, with `user/<id>` or `token/<id>` as the actor."""
        if self.token_id is None:
            actor_id, actor_name = f"user/{self.account_id}", self.name
        else:
            actor_id, actor_name = f"token/{self.token_id}", self.token_name
        return Identity(
            partner_id=self.partner_id,
            actor_id=actor_id,
            actor_name=actor_name,
            roles=self.roles,
            correlation_id=correlation_id,
        )
