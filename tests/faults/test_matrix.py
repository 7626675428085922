"""Every kind of write meets every kind of trouble."""

import pytest

from tests.faults.acts import ACTS
from tests.faults.scene import Scene
from tests.faults.troubles import TROUBLES


@pytest.mark.faults
class TestMatrix:
    @pytest.mark.parametrize("kind", ACTS)
    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_every_addition_arrives_once_and_the_receipt_proves_it(
        self, scene: Scene, kind: str, trouble: str
    ) -> None:
        scene.house.workers.only()
        scene.act = await ACTS[kind](scene)
        run = await TROUBLES[trouble](scene)
        await scene.prove(run)
