"""Guesses which company an organization is, or which catalog item an offer is. Guesses never apply themselves.

An equal identifier is certain, equal telling words nearly so. Otherwise names are compared word by word,
and a word counts the more the fewer candidates have it: "Microsoft" says little among Microsoft's offers,
"Basic" says nearly everything. Where two candidates would do about as well, there is no suggestion.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process

from services.billing.mapping.wording import telling_words

LEAST_SCORE = 75  # below it, names of different things begin to look alike
CLEAR_LEAD = 5  # points by which the best must beat the next, or a person has to choose
SURE = 100
NEARLY_SURE = 99
SAME_WORD = 80  # of 100: Harbour and Harbor, Prazision and Praezision; not Basic and Business
WORTH_A_LOOK = 12  # candidates compared word by word, after a quick look at all of them

Words = tuple[str, ...]


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


class Candidates:
    """Candidates made ready to be compared with many names."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._all = sorted(candidates, key=lambda each: each.id)
        self._words = [telling_words(each.name) for each in self._all]
        self._names = [" ".join(words) for words in self._words]
        self._by_identifier = {each.identifier.casefold(): each for each in self._all if each.identifier}
        self._spread = Counter(word for words in self._words for word in set(words))

    def suggest(self, wanted: Candidate) -> Suggestion | None:
        """The one best candidate, or None where none is good enough or none leads clearly."""
        same = self._by_identifier.get(wanted.identifier.casefold()) if wanted.identifier else None
        if same is not None:
            return Suggestion(same.id, SURE, f"same identifier {wanted.identifier}")
        words = telling_words(wanted.name)
        near = process.extract(" ".join(words), self._names, scorer=fuzz.token_set_ratio, limit=WORTH_A_LOOK)
        ranked = sorted(((self._likeness(words, self._words[place]), place) for _, _, place in near), reverse=True)
        if not ranked or ranked[0][0] < LEAST_SCORE:
            return None
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEAR_LEAD:
            return None
        score, place = ranked[0]
        kind = "same" if score == SURE else "similar"
        return Suggestion(self._all[place].id, min(score, NEARLY_SURE), f"{kind} name {self._all[place].name}")

    def _likeness(self, ours: Words, theirs: Words) -> int:
        """How much of the weight of both names' words is shared, to 100."""
        left, shared = list(theirs), 0.0
        for word in ours:
            twin = _find_twin(word, left)
            if twin is not None:
                left.remove(twin)
                shared += self._weight(twin) * 2
        whole = sum(map(self._weight, theirs)) + sum(self._weight(_find_twin(word, theirs) or word) for word in ours)
        return int(SURE * shared / whole + 0.5) if whole else 0

    def _weight(self, word: str) -> float:
        return log(1 + len(self._all) / (1 + self._spread[word]))


def _find_twin(word: str, among: Sequence[str]) -> str | None:
    if word in among:
        return word
    if not word.isalpha():  # E3 is not E5, and 365 is not 360
        return None
    best = process.extractOne(
        word, [each for each in among if each.isalpha()], scorer=fuzz.ratio, score_cutoff=SAME_WORD
    )
    return best[0] if best else None
