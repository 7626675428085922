from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.sandbox import exact_json
from services.sandbox.settings import Settings
from services.sandbox.store import Store
from services.sandbox.world import begin_world, open_world, reset_world


class TestExactJson:
    @pytest.mark.parametrize("text", ["0.10", "2.1475", "12345678901234567890.12", "-0.01", "7"])
    def test_every_digit_survives(self, text: str) -> None:
        assert exact_json.dumps(exact_json.loads(text)) == text.encode()

    def test_no_exponent_leaves(self) -> None:
        assert exact_json.dumps([Decimal("1E+2"), Decimal("1E-7")]) == b"[100,0.0000001]"

    def test_what_is_not_json_is_refused(self) -> None:
        with pytest.raises(ValueError, match="NaN"):
            exact_json.loads("NaN")
        with pytest.raises(TypeError):
            exact_json.dumps(object())


class TestStore:
    def test_changes_are_there_after_reopening(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "state.sqlite3")
        store.put("addition", "1", {"unitPrice": Decimal("0.10")})
        store.bury("addition", "2")
        store.set_fact("name", [1])
        again = Store(tmp_path / "state.sqlite3")
        assert list(again.changed()) == [("addition", "1", {"unitPrice": Decimal("0.10")}), ("addition", "2", None)]
        assert again.fact("name") == [1]
        assert again.fact("other") is None


class TestWorld:
    def open(self, folder: Path, name: str, today: date) -> tuple[Store, Settings]:
        return Store(folder / f"{name}.sqlite3"), Settings(dir=folder, today=today)

    def test_whoever_starts_first_decides_for_both(self, tmp_path: Path) -> None:
        first = open_world(*self.open(tmp_path, "appxite", date(2026, 6, 30)))
        second = open_world(*self.open(tmp_path, "connectwise", date(2026, 7, 1)))
        assert first == second
        assert first.month == date(2026, 6, 1)

    def test_a_reset_of_one_leaves_the_other_where_it_is(self, tmp_path: Path) -> None:
        one, settings = self.open(tmp_path, "appxite", date(2026, 6, 30))
        other, _ = self.open(tmp_path, "connectwise", date(2026, 6, 30))
        open_world(one, settings)
        open_world(other, settings)
        reset_world(one, settings, begin_world(settings, seed=9, lines=500, today=date(2026, 9, 9)))
        assert open_world(one, settings)[:3] == (9, 500, date(2026, 9, 1))
        assert open_world(other, settings).month == date(2026, 6, 1)

    def test_without_a_pinned_day_the_clock_decides(self, tmp_path: Path) -> None:
        world = begin_world(Settings(dir=tmp_path))
        assert world.month == world.today.replace(day=1)
