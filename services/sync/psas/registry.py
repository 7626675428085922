"""Every PSA that a partner can connect. A second one is a folder beside `connectwise` and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from services.sync.psas.connectwise import system as connectwise
from services.sync.psas.port import Fence, Psa
from services.sync.systems import ConnectionForm, Credentials, Line


@dataclass(frozen=True, slots=True)
class PsaSystem:
    """One kind of PSA: its connection form, and how a partner's is opened."""

    form: ConnectionForm
    open: Callable[[Credentials, Line, Fence | None], Psa]


PSAS: dict[str, PsaSystem] = {each.form.name: each for each in (PsaSystem(connectwise.FORM, connectwise.open_psa),)}
"""Name → system. A partner has one PSA."""
