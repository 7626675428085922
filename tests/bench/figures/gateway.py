"""What the gateway adds to a small read."""

from collections.abc import Callable

import httpx

from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.vocabulary import Role
from services.kit.web.identity import sign_identity
from tests.bench.clocks import percentile, sample
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

TIMES = 400
TURNS = 20
MILLISECONDS = 1_000


def measure(product: Product, api: Api) -> list[Figure]:
    me = api.get("/me")
    identity = Identity(
        partner_id=me["partner"]["id"],
        actor_id=me["id"],
        actor_name=me["name"],
        roles=frozenset(Role(role) for role in me["roles"]),
        correlation_id="bench",
    )
    key = product.installation.keys["TIEOUT_INTERNAL_KEY"]
    with httpx.Client(base_url=product.installation.address("sync"), trust_env=False) as service:
        header = {IDENTITY_HEADER: sign_identity(identity, key)}
        direct, through = sample_in_turn(
            lambda: service.get("/api/v1/periods", headers=header).raise_for_status(), lambda: api.get("/periods")
        )
    with_it, without = percentile(through, 0.5), percentile(direct, 0.5)
    beside = f"{with_it * MILLISECONDS:.1f} ms, {without * MILLISECONDS:.1f} ms without it"
    return [Figure("a small read through the gateway, p50", with_it / without, "times", at_most=1.4, beside=beside)]


def sample_in_turn(one: Callable[[], object], other: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Seconds of both calls, a few of each in turn: a machine that slows down slows both."""
    of_one: list[float] = []
    of_other: list[float] = []
    for _ in range(TURNS):
        of_one += sample(one, TIMES // TURNS)
        of_other += sample(other, TIMES // TURNS)
    return of_one, of_other
