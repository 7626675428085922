"""The desk of plans, and a push that does not wait in earnest."""

import pytest

from services.sync.pushes import push
from tests.sync.plans.desk import desk, stand_ins, subscriptions, upstreams

__all__ = ["desk", "stand_ins", "subscriptions", "upstreams"]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds a push would have waited."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(push, "WAITING", push.Waiting(sleep=sleep))
    return waited
