"""Reduces names to their telling words, so that "M365 Bus. Std" and "Microsoft 365 Business Standard" are equal.

Accents, case, punctuation, legal forms and filler words go; abbreviations that both systems' users are
known to type are spelled out. What is left is compared word by word.
"""

import re
import unicodedata

_LEGAL_FORMS = frozenset(
    "ab ag as bv co company corp corporation gmbh inc incorporated kft kg lda limited llc llp ltd nv oo ou oy oyj "
    "plc pty sa sarl sas sia sp spa srl uab".split()
)
_FILLERS = frozenset("a and e et for i of o per s the und y z".split())
_ASSUMED = frozenset({"monthly"})  # what nobody says of an offer unless it is otherwise
_SPELLED_OUT = {
    "adv": "advanced",
    "bros": "brothers",
    "bus": "business",
    "ent": "enterprise",
    "intl": "international",
    "m365": "microsoft 365",
    "mgmt": "management",
    "ms": "microsoft",
    "o365": "office 365",
    "prof": "professional",
    "st": "saint",
    "std": "standard",
    "svcs": "services",
    "univ": "university",
    "yearly": "annual",
}
_OWN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})
_INNER = re.compile(r"(?<=\w)['’.](?=\w)")  # O'Connor, S.A., B.V.
_APART = re.compile(r"[^0-9a-z]+")


def telling_words(name: str) -> tuple[str, ...]:
    """The words that tell one name from another, in order; all of them where nothing else is left."""
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_OWN_LETTERS))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = [
        word for written in _APART.split(_INNER.sub("", plain)) for word in _SPELLED_OUT.get(written, written).split()
    ]
    telling = tuple(word for word in words if word not in _LEGAL_FORMS | _FILLERS | _ASSUMED)
    return telling or tuple(words)
