"""Reading a problem of matching, whatever it is written in: JSON, tables, or ballots of PrefLib."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.matching.problem import BadProblem, Fault
from mentorbot.domain.programme_source import Located, mistakes
from mentorbot.matching_files.instance import problem_of
from mentorbot.matching_files.json_source import MOST_BYTES, JsonSource
from mentorbot.matching_files.problem_file import ProblemFile

_CONTRADICTIONS = {
    "lock_forbidden": "this pair is locked and forbidden",
    "lock_not_allowed": "this pair is locked, and its score says that it is not allowed",
    "more_locks_than_wanted": "more locks than this mentee wants mentors",
    "more_locks_than_places": "more locks than this mentor has places",
    "locks_to_take_back": "take this lock back; no fewer will do",
}


def read_problem(path: Path) -> ProblemFile:
    """Read a problem from a JSON file; raises InvalidMatchingFile with every mistake, and OSError.

    What it says fits together afterwards: `problem_of` does not raise.
    """
    text = text_of(path)
    return checked(text, JsonSource(text))


def text_of(path: Path) -> str:
    """The text of a file in UTF-8; raises InvalidMatchingFile and OSError."""
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidMatchingFile([f"the file has more than {MOST_BYTES:,} bytes"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidMatchingFile([f"line {line}: this is not text in UTF-8"]) from error


def checked(text: str, source: Located) -> ProblemFile:
    """A problem that is written as JSON, whose mistakes are told by their place in a source."""
    try:
        file = ProblemFile.model_validate_json(text)
    except ValidationError as error:
        found = mistakes(source, error.errors(include_url=False), schema())
        raise InvalidMatchingFile([str(it) for it in found]) from error
    try:
        problem_of(file)
    except BadProblem as error:
        told = [it for fault in error.faults for it in _contradiction(file, source, fault)]
        raise InvalidMatchingFile(told) from error
    return file


def _contradiction(file: ProblemFile, source: Located, fault: Fault) -> list[str]:
    """What is wrong with the locks, each on its line."""
    what = _CONTRADICTIONS.get(fault.code, fault.code)
    written = [":".join(it) for it in file.locks]
    return [
        str(source.mistake(("locks", written.index(it)), f"{it}: {what}"))
        if it in written
        else f"{it}: {what}"
        for it in fault.entries
    ]


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a problem file."""
    return ProblemFile.model_json_schema()
