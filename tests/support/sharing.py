"""How tests are shared out among parallel workers."""

from xdist.scheduler.loadscope import LoadScopeScheduling

JOURNEYS = ("tests/deploy/test_run.py", "tests/journey/")


class JourneysTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to whoever is free, but all journeys to one worker: they share one running product.

    xdist's own `loadgroup` reads a group from the end of a test's id, where this pytest no longer keeps it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "journeys" if nodeid.startswith(JOURNEYS) else nodeid
