"""The desk of plans, for every test of this folder."""

from tests.sync.plans.desk import desk, stand_ins, subscriptions, upstreams

__all__ = ["desk", "stand_ins", "subscriptions", "upstreams"]
