"""Every worked life is billed as it says, and what is not billed as charged is listed."""

from decimal import Decimal

import pytest

from tests.lives.installation import Installation
from tests.lives.life import Life, read_item, read_themes
from tests.lives.playing import Played, Player, Script, group_lives

THEMES = read_themes()
LIVES = [life for theme in THEMES for life in theme.lives]
SCRIPTS = group_lives(LIVES)


def expected_bills(life: Life) -> dict[tuple[str, str], Decimal]:
    of_each = {("A", start): money for start, money in life.billed.items()}
    return of_each | {("B", start): money for start, money in life.billed_b.items()}


def actual_bills(played: Played) -> dict[tuple[str, str], Decimal]:
    return {period: money for period, money in sorted(played.billed.items()) if money}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
async def test_every_life_is_billed_as_it_says(
    script: Script, installation: Installation, subtests: pytest.Subtests
) -> None:
    outcomes = await Player(installation, script).play()

    for life, played in zip(script.lives, outcomes, strict=True):
        with subtests.test(life.title):
            assert actual_bills(played) == expected_bills(life)
        with subtests.test(f"{life.title}: what is listed"):
            for place, month in enumerate(life.months):
                assert sorted(played.listed[place]) == sorted(map(read_item, month.listed)), month.month
                assert sorted(played.unsent[place]) == sorted(map(read_item, month.unsent)), month.month
        with subtests.test(f"{life.title}: nothing fails, and a second plan is empty"):
            assert played.failures == []
            assert played.second_plans == []


class TestTheData:
    def test_no_two_lives_have_the_same_title(self) -> None:
        titles = [life.title for life in LIVES]
        assert sorted(set(titles)) == sorted(titles)

    @pytest.mark.parametrize("life", LIVES, ids=lambda life: life.title)
    def test_what_is_billed_is_what_was_charged_and_the_difference_that_is_said(self, life: Life) -> None:
        billed = sum([*life.billed.values(), *life.billed_b.values()], Decimal(0))
        assert billed + life.billed_by_hand == life.charged + life.difference

    @pytest.mark.parametrize("life", LIVES, ids=lambda life: life.title)
    def test_a_difference_is_listed_or_a_line_was_not_sent(self, life: Life) -> None:
        assert life.difference == 0 or any(month.listed or month.unsent for month in life.months)
