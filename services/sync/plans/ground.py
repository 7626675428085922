"""The ground a plan stands on: every addition of an agreement, as a fingerprint and as values to compare. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from services.sync.additions.values import describe_difference
from services.sync.psas.addition import Addition, AdditionValues

MOST_SENTENCES = 20
"""What moved is told to people; the rest is counted."""

Remembered = dict[str, dict[str, Any]]
"""Addition id → its values as JSON."""


def remember(additions: Iterable[Addition]) -> Remembered:
    return {addition.id: addition.values.as_json() for addition in additions}


def fingerprint(additions: Iterable[Addition]) -> str:
    """Equal for equal additions, in whatever order they were read and however their numbers are spelled."""
    lines = sorted((addition.id, _canonical(addition.values)) for addition in additions)
    return hashlib.sha256(orjson.dumps(lines)).hexdigest()


def _canonical(values: AdditionValues) -> str:
    numbers = {name: getattr(values, name).normalize() for name in ("quantity", "unit_price")}
    return values.model_copy(update=numbers).model_dump_json(exclude={"unit_cost"})


def describe_moves(agreement: str, then: Mapping[str, Mapping[str, Any]], now: Iterable[Addition]) -> list[str]:
    """What is different on an agreement, in sentences; empty when it is as it was."""
    present = {addition.id: addition.values for addition in now}
    sentences = [f"{agreement}: addition {gone} is gone." for gone in then if gone not in present]
    for addition_id, values in present.items():
        if addition_id not in then:
            sentences.append(f"{agreement}: addition {addition_id} is new.")
            continue
        phrases = describe_difference(AdditionValues.model_validate(then[addition_id]), values)
        if phrases:
            sentences.append(f"{agreement}: addition {addition_id} changed, {'; '.join(phrases)}.")
    return sentences


def shorten(sentences: list[str]) -> list[str]:
    """At most MOST_SENTENCES, the last of which counts the others."""
    if len(sentences) <= MOST_SENTENCES:
        return sentences
    rest = len(sentences) - MOST_SENTENCES + 1
    return [*sentences[: MOST_SENTENCES - 1], f"… and {rest} more."]
