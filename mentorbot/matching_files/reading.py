"""Reading a problem of matching, whatever it is written in: JSON, tables, or ballots of PrefLib."""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.matching.problem import BadProblem
from mentorbot.domain.parts import Place
from mentorbot.domain.programme_source import Located, mistakes
from mentorbot.matching_files.instance import problem_of
from mentorbot.matching_files.json_source import MOST_BYTES, JsonSource
from mentorbot.matching_files.parts import FilePart
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.result_file import ResultFile

File = TypeVar("File", bound=FilePart)

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
    file = _validated(ProblemFile, text, source)
    _check_contradictions(file, source, ())
    return file


def read_result(text: str) -> ResultFile:
    """Read a result; raises InvalidMatchingFile with every mistake on its line."""
    source = JsonSource(text)
    result = _validated(ResultFile, text, source)
    _check_contradictions(result.problem, source, ("problem",))
    return result


def _validated(kind: type[File], text: str, source: Located) -> File:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        found = mistakes(source, error.errors(include_url=False), schema(kind))
        raise InvalidMatchingFile([str(it) for it in found]) from error


def _check_contradictions(file: ProblemFile, source: Located, above: Place) -> None:
    """Name the locks that cannot be, each on its line; raises InvalidMatchingFile."""
    written = [":".join(it) for it in file.locks]
    try:
        problem_of(file)
    except BadProblem as error:
        told = []
        for fault in error.faults:
            what = _CONTRADICTIONS.get(fault.code, fault.code)
            for entry in fault.entries:
                at = ("locks", written.index(entry)) if entry in written else ()
                told.append(str(source.mistake((*above, *at), f"{entry}: {what}")))
        raise InvalidMatchingFile(told) from error


@cache
def schema(kind: type[FilePart] = ProblemFile) -> dict[str, Any]:
    """The JSON Schema of problem files, or of results."""
    return kind.model_json_schema()
