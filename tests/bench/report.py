"""One figure a line: what was measured, the limit, and whether it holds."""

from dataclasses import dataclass

WIDTH = 62


@dataclass(frozen=True)
class Figure:
    """A measurement. `at_most` and `at_least` are the limit; `beside` says what it was compared with."""

    what: str
    measured: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    beside: str = ""

    @property
    def holds(self) -> bool:
        return (self.at_most is None or self.measured <= self.at_most) and (
            self.at_least is None or self.measured >= self.at_least
        )

    def line(self) -> str:
        limit = f"≤ {self.at_most:,g}" if self.at_most is not None else f"≥ {self.at_least:,g}"
        verdict = "holds" if self.holds else "MISSED"
        beside = f"   ({self.beside})" if self.beside else ""
        return f"{self.what:<{WIDTH}} {self.measured:>12,.2f} {self.unit:<9} {limit:<12} {verdict}{beside}"


def show(figures: list[Figure]) -> None:
    for figure in figures:
        print(figure.line(), flush=True)  # noqa: T201 - the bench is a command-line program
