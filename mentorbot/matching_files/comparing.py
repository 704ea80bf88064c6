"""Two results side by side: who moved, and what that costs, measure by measure."""

from dataclasses import dataclass
from typing import NamedTuple

from mentorbot.domain.matching.why import Move, moves
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.result_file import ResultFile, Step


class Difference(NamedTuple):
    """A measure of one step in both results; None where one of them has no such measure."""

    step: Step
    name: str
    number: int
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Comparison:
    """`asked` are the parts of the problem that are not the same in both."""

    asked: tuple[str, ...]
    moves: tuple[Move, ...]
    measures: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether both have the same pairs."""
        return not self.moves


def compare(before: ResultFile, after: ResultFile) -> Comparison:
    """What changes from one result to another, in order of importance.

    Of the lowest score, locked pairs count too here, so that forcing a pair shows what it costs.
    """
    was, becomes = _measures(before), _measures(after)
    return Comparison(
        tuple(
            it
            for it in ProblemFile.model_fields
            if getattr(before.problem, it) != getattr(after.problem, it)
        ),
        moves(before.couples, after.couples),
        tuple(
            Difference(*key, was.get(key), becomes.get(key))
            for key in dict.fromkeys([*was, *becomes])
        ),
    )


_Key = tuple[Step, str, int]


def _measures(result: ResultFile) -> dict[_Key, int]:
    found = {
        (part.by, it.name, it.number): it.value for part in result.parts for it in part.reached
    }
    scores = [it.score for it in result.pairs if it.by != "choice" and it.score is not None]
    if scores and ("score", "worst", 0) in found:
        found["score", "worst", 0] = min(scores)
    return found
