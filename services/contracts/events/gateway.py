"""What the gateway tells: who came in, and which tokens exist."""

from typing import ClassVar

from services.contracts.envelope import Event, Headline
from services.contracts.vocabulary import LogLevel


class SessionOpened(Event):
    """A person signed in."""

    type: ClassVar[str] = "gateway.session.opened.v1"
    email: str

    def headline(self) -> Headline:
        return Headline(level=LogLevel.INFO, title="Signed in", details=self.email)


class SessionClosed(Event):
    """A person signed out."""

    type: ClassVar[str] = "gateway.session.closed.v1"
    email: str


class TokenIssued(Event):
    """A program was given a token. Carries its public part only."""

    type: ClassVar[str] = "gateway.token.issued.v1"
    token_id: str
    name: str

    def headline(self) -> Headline:
        return Headline(level=LogLevel.INFO, title="API token issued", details=self.name)


class TokenRevoked(Event):
    """A token lost its power."""

    type: ClassVar[str] = "gateway.token.revoked.v1"
    token_id: str
    name: str

    def headline(self) -> Headline:
        return Headline(level=LogLevel.INFO, title="API token revoked", details=self.name)
