"""The desk of plans: a life is what pushes have made of it."""

from tests.sync.plans.desk import desk, stand_ins, subscriptions, upstreams

__all__ = ["desk", "stand_ins", "subscriptions", "upstreams"]
