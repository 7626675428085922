"""What the gateway adds to a small read."""

import httpx

from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.vocabulary import Role
from services.kit.identity import sign_identity
from tests.bench.clocks import percentile, sample
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

TIMES = 300
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
        direct = sample(lambda: service.get("/api/v1/periods", headers=header).raise_for_status(), TIMES)
    through = sample(lambda: api.get("/periods"), TIMES)
    added = (percentile(through, 0.5) - percentile(direct, 0.5)) * MILLISECONDS
    beside = f"{percentile(direct, 0.5) * MILLISECONDS:.1f} ms without it"
    return [Figure("gateway overhead on a small read, p50", added, "ms", at_most=2, beside=beside)]
