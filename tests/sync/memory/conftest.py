"""The desk with a PSA in memory, for every test of this folder."""

from tests.sync.plans.memory import desk, psa, stand_ins, subscriptions, upstreams, waits

__all__ = ["desk", "psa", "stand_ins", "subscriptions", "upstreams", "waits"]
