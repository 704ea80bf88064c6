"""A result of matching as a file: the pairs, why some have none, what was reached, the proof."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from mentorbot.matching_files.explanation_file import Explanation
from mentorbot.matching_files.parts import FilePart, Id
from mentorbot.matching_files.problem_file import Couple, ProblemFile

RESULT_FORMAT: Final = "mentorbot-matching-result-1"
Way = Literal["lock", "score", "choice"]
Step = Literal["score", "ballots", "lists"]


class MadePair(FilePart):
    """A pair, and what made it: a lock, the score, or a choice.

    `score` is there where pairs have scores; `rank` is the mentor's on the mentee's list, from 1,
    and `mentor_rank` the mentee's on the mentor's, where they are on it.
    """

    mentee: Id
    mentor: Id
    by: Way
    score: int | None = None
    rank: int | None = None
    mentor_rank: int | None = None


class Unmatched(FilePart):
    """A mentee with `has` of the `wants` mentors that they want, and the code of the reason."""

    mentee: Id
    has: int
    wants: int
    reason: str


class Reached(FilePart):
    """A measure and what it came to; `by_class` counts by waiting class, for the first mentors
    of mentees, then for their second ones, and so on."""

    name: str
    number: int = 0
    value: int
    by_class: tuple[tuple[int, ...], ...] = ()


class Prices(FilePart):
    """The prices that prove one measure, by id; those of 0 are left out."""

    name: str
    number: int = 0
    mentees: dict[Id, int] = Field(default_factory=dict)
    mentors: dict[Id, int] = Field(default_factory=dict)
    end: int = 0
    salt: int = 0


class Unbounded(FilePart):
    """The best matching if least numbers counted for nothing, with its proof: what bounds them."""

    pairs: tuple[MadePair, ...]
    unmatched: tuple[Unmatched, ...]
    reached: tuple[Reached, ...]
    prices: tuple[Prices, ...]


class Part(FilePart):
    """One step of a matching: what it reached, in order of importance, and the proof.

    `bound` is what no matching by ballots can be better than, where that is not what was reached;
    `without_floors` is that for a matching by score. `most` is how many mentees could have been
    matched from the ballots. `closed` are mentors whose group would have been too small. `promoted`
    are those who went through their list a second time.
    """

    by: Step
    reached: tuple[Reached, ...]
    bound: tuple[Reached, ...] = ()
    prices: tuple[Prices, ...] = ()
    closed: tuple[Id, ...] = ()
    without_floors: Unbounded | None = None
    most: int | None = None
    promoted: tuple[Id, ...] = ()


class ResultFile(FilePart):
    """A matching of the problem that it carries along, so that it can be checked by itself."""

    format: Literal["mentorbot-matching-result-1"] = RESULT_FORMAT
    assignment: str
    pairs: tuple[MadePair, ...]
    unmatched: tuple[Unmatched, ...]
    parts: tuple[Part, ...]
    explanation: Explanation | None = None
    problem: ProblemFile

    @property
    def couples(self) -> tuple[Couple, ...]:
        """The pairs alone."""
        return tuple((it.mentee, it.mentor) for it in self.pairs)


def assignment_of(couples: Iterable[Sequence[str]]) -> str:
    """The SHA-256 of some pairs, as hexadecimal digits: of JSON, sorted, without spaces."""
    written = json.dumps(sorted(list(it) for it in couples), separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def written(result: ResultFile) -> str:
    """A result as text: JSON with a line for each pair, without what is not known."""
    told: dict[str, Any] = result.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    lines = []
    for name in ResultFile.model_fields:
        value = told.get(name, RESULT_FORMAT if name == "format" else [])
        if name == "explanation" and not value:
            continue
        lines.append(f"  {json.dumps(name)}: {_value(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _value(value: Any) -> str:
    if isinstance(value, list) and value:
        return (
            "[\n    " + ",\n    ".join(json.dumps(it, ensure_ascii=False) for it in value) + "\n  ]"
        )
    return json.dumps(value, ensure_ascii=False)
