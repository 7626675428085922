"""Every worked life is billed as it says, and what is not billed as charged is listed.

`TIEOUT_LIFE="free month"` plays only the lives whose titles hold these words.
"""

import os
from collections.abc import Iterable
from decimal import Decimal

import pytest

from tests.lives.installation import Installation
from tests.lives.life import Item, Life, read_item, read_themes
from tests.lives.outcome import Played
from tests.lives.playing import Player, Script, group_lives

LIVES = [life for theme in read_themes() for life in theme.lives]
CHOSEN = os.environ.get("TIEOUT_LIFE", "")
SCRIPTS = group_lives([life for life in LIVES if CHOSEN in life.title])


def spell_money(money: Decimal) -> str:
    return f"{money.normalize():f}"


def expected_bills(life: Life) -> list[str]:
    of_each = [("A", start, money) for start, money in life.billed.items()]
    of_each += [("B", start, money) for start, money in life.billed_b.items()]
    return [f"{letter} {start}: {spell_money(money)}" for letter, start, money in sorted(of_each)]


def actual_bills(played: Played) -> list[str]:
    billed = sorted(played.billed.items())
    return [f"{letter} {start}: {spell_money(money)}" for (letter, start), money in billed if money]


def spell(months: Iterable[tuple[str, Iterable[Item]]]) -> list[str]:
    return [f"{month}: {name} {spell_money(amount)}" for month, items in months for name, amount in sorted(items)]


def compare(actual: list[str], expected: list[str]) -> None:
    assert actual == expected, f"{actual} instead of {expected}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
async def test_every_life_is_billed_as_it_says(
    script: Script, installation: Installation, subtests: pytest.Subtests
) -> None:
    outcomes = await Player(installation, script).play()

    for life, played in zip(script.lives, outcomes, strict=True):
        months = list(enumerate(life.months))
        with subtests.test(life.title):
            compare(actual_bills(played), expected_bills(life))
        with subtests.test(f"{life.title}: what is listed"):
            actual = spell((month.month, played.listed[place]) for place, month in months)
            compare(actual, spell((month.month, map(read_item, month.listed)) for _, month in months))
        with subtests.test(f"{life.title}: what is not sent"):
            actual = spell((month.month, played.unsent[place]) for place, month in months)
            compare(actual, spell((month.month, map(read_item, month.unsent)) for _, month in months))
        with subtests.test(f"{life.title}: what is found after the fact"):
            compare(played.found, life.found)
        with subtests.test(f"{life.title}: what is rounded away"):
            actual = [f"{month.month}: {spell_money(played.rounded[place])}" for place, month in months]
            compare(actual, [f"{month.month}: {spell_money(month.rounded)}" for _, month in months])
        with subtests.test(f"{life.title}: nothing fails, and a second plan is empty"):
            compare([*played.failures, *played.second_plans], [])


class TestTheData:
    def test_no_two_lives_have_the_same_title(self) -> None:
        titles = [life.title for life in LIVES]
        assert sorted(set(titles)) == sorted(titles)

    def test_what_is_billed_is_what_was_charged_and_the_difference_that_is_said(self) -> None:
        for life in LIVES:
            billed = sum([*life.billed.values(), *life.billed_b.values()], Decimal(0))
            named = life.charged + life.marked_up + life.difference - life.rounded
            assert billed - life.billed_beside + life.billed_by_hand == named, life.title

    def test_a_difference_is_listed_or_a_line_was_not_sent(self) -> None:
        for life in LIVES:
            is_listed = life.found or any(month.listed or month.unsent for month in life.months)
            assert life.difference == 0 or is_listed, life.title
