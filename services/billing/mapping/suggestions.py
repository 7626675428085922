"""Guesses which company an organization is, or which catalog item an offer is. Guesses never apply themselves.

An equal identifier is certain, an equal name nearly so; otherwise names are compared word by word,
without case, punctuation and legal forms. Two candidates that are equally good are no suggestion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

LEAST_SCORE = 80  # below it, names of different small firms begin to look alike
SURE = 100
NEARLY_SURE = 99
_LEGAL_FORMS = frozenset(
    "ab ag as bv co corp corporation gmbh inc incorporated kft limited llc llp ltd nv oy oyj oü plc pty sa sarl sas "
    "sia spa srl uab".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be mapped, or be mapped to."""

    id: str
    name: str
    identifier: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The best candidate, how good it is (to 100), and why, in words."""

    target_id: str
    score: int
    reason: str


def normalise(name: str) -> str:
    """A name reduced to its telling words."""
    words = utils.default_process(name).split()
    return " ".join(word for word in words if word not in _LEGAL_FORMS) or " ".join(words)


class Candidates:
    """Candidates made ready to be compared with many names."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._all = sorted(candidates, key=lambda each: each.id)
        self._names = [normalise(each.name) for each in self._all]
        self._by_identifier = {each.identifier.casefold(): each for each in self._all if each.identifier}

    def suggest(self, wanted: Candidate) -> Suggestion | None:
        """The one best candidate, or None where none is good enough or two are equally good."""
        same = self._by_identifier.get(wanted.identifier.casefold()) if wanted.identifier else None
        if same is not None:
            return Suggestion(same.id, SURE, f"same identifier {wanted.identifier}")
        best = process.extract(
            normalise(wanted.name), self._names, scorer=fuzz.token_sort_ratio, limit=2, score_cutoff=LEAST_SCORE
        )
        if not best or _is_tie(best):
            return None
        _, score, place = best[0]
        name = self._all[place].name
        if score == SURE:
            return Suggestion(self._all[place].id, NEARLY_SURE, f"same name {name}")
        return Suggestion(self._all[place].id, min(int(score), NEARLY_SURE - 1), f"similar name {name}")


def _is_tie(best: Sequence[tuple[str, object, object]]) -> bool:
    return len(best) > 1 and best[0][1] == best[1][1]
