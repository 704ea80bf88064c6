"""What two people's answers have in common: in words for them, as a number for the ranking."""

from collections.abc import Mapping
from typing import Any

Comparable = tuple[str | list[Any] | None, ...]
"""A person's answers to the weighted questions, in order, ready to be compared many times."""

MOST_COUNTED = 2
"""How many shared values of one question count: a third language brings nobody closer."""


def shared_answers(
    one: Mapping[str, Any], other: Mapping[str, Any], weights: Mapping[str, int]
) -> tuple[dict[str, Any], ...]:
    """What two people have in common on the weighted questions, heaviest first.

    Texts are compared without regard to case, sets by what they share (in the first one's order).
    """
    found = []
    for question in sorted(weights, key=lambda name: (-weights[name], name)):
        mine, theirs = one.get(question), other.get(question)
        if isinstance(mine, list) and isinstance(theirs, list):
            common = [value for value in mine if value in theirs]
            if common:
                found.append({"question": question, "shared": common})
        elif isinstance(mine, str) and isinstance(theirs, str) and _same(mine, theirs):
            found.append({"question": question, "shared": mine})
    return tuple(found)


def comparable(answers: Mapping[str, Any], weights: Mapping[str, int]) -> Comparable:
    """A person's answers as `closeness` takes them, in the order of the weights."""
    return tuple(_comparable(answers.get(question)) for question in weights)


def closeness(one: Comparable, other: Comparable, weights: Mapping[str, int]) -> int:
    """How much two people share: the weights of `shared_answers`, made for very many pairs."""
    total = 0
    for weight, mine, theirs in zip(weights.values(), one, other, strict=True):
        if mine is None or theirs is None:
            continue
        if isinstance(mine, list):
            if isinstance(theirs, list):
                common = sum(value in theirs for value in mine)
                total += weight * min(common, MOST_COUNTED)
        elif mine == theirs:
            total += weight
    return total


def _comparable(answer: Any) -> str | list[Any] | None:
    if isinstance(answer, str):
        return _bare(answer) or None
    return answer if isinstance(answer, list) else None


def _same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other) != ""


def _bare(text: str) -> str:
    return text.casefold().strip()
