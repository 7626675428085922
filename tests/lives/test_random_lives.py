"""Over its whole life a customer is billed what AppXite charges, or every cent of difference was listed before.

Lives are of two kinds: in order, month by month (`drawing`), and in disorder (`disorder`). `TIEOUT_LIVES=5000` plays so
many of each kind, `TIEOUT_LIVES_FROM` begins at another seed, and `TIEOUT_LIVES_SHRINK=1` makes the shortest life that
fails as small as it can be.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from tests.lives import disorder
from tests.lives.disorder import draw_disorder
from tests.lives.drawing import MONTHS, THE_END, draw_life
from tests.lives.installation import Installation
from tests.lives.judging import Verdict, judge
from tests.lives.life import Life
from tests.lives.page import describe
from tests.lives.playing import Player, Script
from tests.lives.shrinking import shrink
from tests.sync.conftest import CONNECTWISE

LIVES = int(os.environ.get("TIEOUT_LIVES", "30"))
FROM = int(os.environ.get("TIEOUT_LIVES_FROM", "0"))
SHRINKS = os.environ.get("TIEOUT_LIVES_SHRINK") == "1"
IN_ORDER_AT_ONCE = 100
"""Lives in one installation."""
MOST_SHOWN = 5
MOST_NOISE = 0.2
"""Share of lives whose newest receipts list other money than came true; see `Verdict.noise`."""

Write = Callable[[Sequence[Life]], Script]


def play_in_order(lives: Sequence[Life]) -> Script:
    return Script("random", [*MONTHS, THE_END], list(lives))


def play_in_disorder(lives: Sequence[Life]) -> Script:
    return Script("disorder", [each.month for each in lives[0].months], list(lives), in_order=False)


KINDS: list[tuple[str, Write, Callable[[int], Life], int]] = [
    ("in order", play_in_order, draw_life, IN_ORDER_AT_ONCE),
    ("in disorder", play_in_disorder, draw_disorder, disorder.AT_ONCE),
]
PARTS = [
    pytest.param(write, draw, range(first, min(first + at_once, FROM + LIVES)), id=f"{name} from {first}")
    for name, write, draw, at_once in KINDS
    for first in range(FROM, FROM + LIVES, at_once)
]


async def play(installation: Installation, script: Script) -> list[Verdict]:
    """The verdicts on the lives of a script, played by a partner of its own."""
    outcomes = await Player(replace(installation, id=uuid4()), script).play()
    return [judge(life, played) for life, played in zip(script.lives, outcomes, strict=True)]


@pytest.mark.timeout(600 if not SHRINKS else 7200)
@pytest.mark.parametrize(("write", "draw", "seeds"), PARTS)
async def test_no_cent_is_billed_or_lost_in_silence(
    write: Write, draw: Callable[[int], Life], seeds: range, installation: Installation
) -> None:
    lives = [draw(seed) for seed in seeds]
    verdicts = await play(installation, write(lives))
    assert (await installation.stand_ins.state(CONNECTWISE))["duplicates"] == []

    async def fail(some: Sequence[Life]) -> list[bool]:
        return [bool(each.faults) for each in await play(installation, write(some))]

    wrong = [(life, each.faults) for life, each in zip(lives, verdicts, strict=True) if each.faults]
    wrong.sort(key=lambda each: len(each[0].model_dump_json(exclude_defaults=True)))
    if wrong and SHRINKS:
        smallest = await shrink(wrong[0][0], fail)
        wrong.insert(0, (smallest, (await play(installation, write([smallest])))[0].faults))
    shown = [describe(life) + "\n" + "\n".join(faults) for life, faults in wrong[:MOST_SHOWN]]
    noise = [f"{life.title}: {said}" for life, each in zip(lives, verdicts, strict=True) for said in each.noise]
    names = ", ".join(life.title for life, _ in wrong)
    assert not wrong, f"{len(wrong)} of {len(lives)} lives: {names}. The shortest first:\n" + "\n\n".join(shown)
    assert len(noise) <= MOST_NOISE * len(lives), "\n".join(noise)


@pytest.mark.parametrize("draw", [draw_life, draw_disorder])
def test_the_same_seed_draws_the_same_life(draw: Callable[[int], Life]) -> None:
    assert draw(7) == draw(7)
