"""What every connected system has in common, PSA or marketplace: what its form asks, and how it is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from services.kit.upstream.rates import RateLimiter
from services.kit.upstream.retry import Patience
from services.sync.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class ConnectionForm:
    """What a person enters to connect a system."""

    name: str
    """In API paths and in the table of connections."""
    label: str
    """For people."""
    settings: tuple[str, ...]
    secrets: tuple[str, ...]
    profiles: tuple[str, ...] = ()
    """Generations of its API that a person chooses from, the default first; empty where there is one."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """One partner's saved connection. Secrets stay out of its repr."""

    address: str
    profile: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """What a process shares among all partners' connections to one system."""

    http: httpx.AsyncClient
    pacing: RateLimiter
    patience: Patience
    settings: UpstreamSettings
    is_on_this_machine: bool = False
    """The other end is a program on this machine: a stand-in."""


@dataclass(frozen=True, slots=True)
class Access:
    """One right or resource that is needed, and why it cannot be used; `trouble` is empty when it can."""

    name: str
    trouble: str
    detail: str = ""
