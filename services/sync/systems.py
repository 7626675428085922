"""What every connected system has in common, PSA or marketplace: what its form asks, and how it is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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


TraitValue = int | bool | str


class TraitOrigin(StrEnum):
    """Where the value of a trait comes from, the strongest first."""

    FIXED = "fixed"  # a person fixed it on the connection
    SETTING = "setting"  # of the installation
    LEARNED = "learned"  # from what was read back
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True)
class Trait:
    """What is true of a partner's system as far as anybody knows."""

    name: str
    value: TraitValue
    origin: TraitOrigin


@dataclass(frozen=True, slots=True)
class KnownTraits:
    """What was fixed and what was learned about one partner's system, by trait."""

    fixed: Mapping[str, TraitValue] = field(default_factory=dict)
    learned: Mapping[str, TraitValue] = field(default_factory=dict)

    def weigh(self, name: str, setting: TraitValue | None, guess: TraitValue) -> Trait:
        """The value that holds: the first that there is, in the order of `TraitOrigin`."""
        if name in self.fixed:
            return Trait(name, self.fixed[name], TraitOrigin.FIXED)
        if setting is not None:
            return Trait(name, setting, TraitOrigin.SETTING)
        if name in self.learned:
            return Trait(name, self.learned[name], TraitOrigin.LEARNED)
        return Trait(name, guess, TraitOrigin.GUESSED)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One partner's saved connection. Secrets stay out of its repr."""

    address: str
    profile: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    known: KnownTraits = field(default_factory=KnownTraits)


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
