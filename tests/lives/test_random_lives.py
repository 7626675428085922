"""Over its whole life a customer is billed what AppXite charges, or every cent of difference was listed before.

`TIEOUT_LIVES=5000` plays more lives, `TIEOUT_LIVES_FROM` begins at another seed.
"""

import os
from decimal import Decimal

import pytest

from tests.lives.drawing import MONTHS, THE_END, draw_life
from tests.lives.installation import Installation
from tests.lives.life import Item, Life
from tests.lives.page import describe
from tests.lives.playing import Played, Player, Script
from tests.sync.conftest import CONNECTWISE

LIVES = int(os.environ.get("TIEOUT_LIVES", "100"))
FROM = int(os.environ.get("TIEOUT_LIVES_FROM", "0"))
AT_ONCE = 100
"""Lives in one installation."""
MOST_SHOWN = 5
VANISHED = "vanished_from_invoice"
SEEDS = [range(first, min(first + AT_ONCE, FROM + LIVES)) for first in range(FROM, FROM + LIVES, AT_ONCE)]


def find_faults(life: Life, played: Played) -> list[str]:
    """What is wrong with a life, in words; nothing when every cent is billed or listed."""
    faults = [f"a push failed: {each}" for each in played.failures]
    faults += [f"the second plan is not empty: {each}" for each in played.second_plans]
    billed = sum(played.billed.values(), Decimal(0))
    not_sent = sum_unsent(played.unsent[len(life.months) - 1])
    silent = billed - (life.charged - not_sent)
    listed = [*played.listed_elsewhere, *(item for items in played.listed.values() for item in items)]
    if silent and silent not in sums_of(listed):
        sums = f"billed {billed:f}, charged {life.charged:f}, not sent {not_sent:f}, listed {listed}"
        faults.append(f"{silent:+f} is silent: {sums}")
    return faults


def sum_unsent(items: list[Item]) -> Decimal:
    """What AppXite charges and nobody sent; a vanished row is listed too, but charges nothing."""
    return sum((amount for reasons, amount in items if VANISHED not in reasons), Decimal(0))


def sums_of(listed: list[Item]) -> set[Decimal]:
    """Every sum of some of the differences: each may stand for a cent of the final one, or was settled since."""
    sums = {Decimal(0)}
    for _, amount in listed:
        sums |= {each + amount for each in sums}
    return sums


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
async def test_no_cent_is_billed_or_lost_in_silence(seeds: range, installation: Installation) -> None:
    script = Script("random", [*MONTHS, THE_END], [draw_life(seed) for seed in seeds])
    outcomes = await Player(installation, script).play()

    wrong = [
        (life, faults)
        for life, played in zip(script.lives, outcomes, strict=True)
        if (faults := find_faults(life, played))
    ]
    wrong.sort(key=lambda each: len(each[0].model_dump_json(exclude_defaults=True)))
    shortest = [describe(life) + "\n" + "\n".join(faults) for life, faults in wrong[:MOST_SHOWN]]
    assert (await installation.stand_ins.state(CONNECTWISE))["duplicates"] == []
    assert not wrong, f"{len(wrong)} of {len(script.lives)} lives, the shortest first:\n" + "\n\n".join(shortest)


def test_the_same_seed_draws_the_same_life() -> None:
    assert draw_life(7) == draw_life(7)
