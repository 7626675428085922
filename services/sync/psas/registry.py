"""Every PSA that a partner can connect. A second one is a folder beside `connectwise` and a line here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.sync.psas.connectwise import system as connectwise
from services.sync.psas.port import Fence, Psa
from services.sync.settings import UpstreamSettings
from services.sync.systems import ConnectionForm, Credentials, KnownTraits, Line, Trait


def nothing_to_learn(_settings: UpstreamSettings, _known: KnownTraits) -> Sequence[Trait]:
    """Of a PSA whose traits are all documented."""
    return ()


@dataclass(frozen=True, slots=True)
class PsaSystem:
    """One kind of PSA: its connection form, and how a partner's is opened."""

    form: ConnectionForm
    open: Callable[[Credentials, Line, Fence | None], Psa]
    weigh_traits: Callable[[UpstreamSettings, KnownTraits], Sequence[Trait]] = nothing_to_learn
    """Its traits that nobody documents, each with where its value comes from."""


_SYSTEMS = (PsaSystem(connectwise.FORM, connectwise.open_psa, connectwise.weigh_traits),)
PSAS: dict[str, PsaSystem] = {each.form.name: each for each in _SYSTEMS}
"""Name → system. A partner has one PSA."""
