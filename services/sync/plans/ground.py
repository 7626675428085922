"""The ground a plan stands on: every addition of an agreement, as a fingerprint and as values to compare."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from services.sync.additions.values import describe_changes, find_changes, values_held
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.models import Addition

MOST_SENTENCES = 20
"""What moved is told to people; the rest is counted."""

Remembered = dict[str, dict[str, Any]]
"""Addition id → its values as JSON."""


def remember(additions: Iterable[Addition]) -> Remembered:
    return {addition.id: values_held(addition).as_json() for addition in additions}


def fingerprint(additions: Iterable[Addition]) -> str:
    """Equal for equal additions, in whatever order they were read and however their numbers are spelt."""
    lines = sorted((addition.id, _canonical(values_held(addition))) for addition in additions)
    return hashlib.sha256(orjson.dumps(lines)).hexdigest()


def _canonical(values: AdditionValues) -> str:
    spelt = values.model_copy(update={name: getattr(values, name).normalize() for name in ("quantity", "unit_price")})
    return spelt.model_dump_json()


def describe_moves(agreement: str, then: Mapping[str, Mapping[str, Any]], now: Iterable[Addition]) -> list[str]:
    """What is different on an agreement, in sentences; empty when it is as it was."""
    present = {addition.id: values_held(addition) for addition in now}
    sentences = [f"{agreement}: addition {gone} is gone." for gone in then if gone not in present]
    for addition_id, held in present.items():
        if addition_id not in then:
            sentences.append(f"{agreement}: addition {addition_id} is new.")
            continue
        phrases = describe_changes(find_changes(AdditionValues.model_validate(then[addition_id]), held))
        if phrases:
            sentences.append(f"{agreement}: addition {addition_id} changed, {'; '.join(phrases)}.")
    return sentences


def shorten(sentences: list[str]) -> list[str]:
    """At most MOST_SENTENCES, the last of which counts the others."""
    if len(sentences) <= MOST_SENTENCES:
        return sentences
    rest = len(sentences) - MOST_SENTENCES + 1
    return [*sentences[: MOST_SENTENCES - 1], f"… and {rest} more."]
