"""A problem of matching from whatever files it is in: JSON, tables, or ballots of PrefLib."""

from pathlib import Path

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.matching_files.preflib import ENDINGS, read_ballots
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.reading import read_problem
from mentorbot.matching_files.tables import read_tables


def open_problem(path: Path, beside: Path | None = None, order: str | None = None) -> ProblemFile:
    """Read a problem; beside a table of people is one of criteria, beside ballots one of places.

    `order` is that of a matching by ballots, which a JSON file says itself. Raises
    InvalidMatchingFile with every mistake, and OSError.
    """
    if path.suffix == ".csv":
        return read_tables(path, beside, order)
    if path.suffix in ENDINGS:
        if beside is None:
            raise InvalidMatchingFile(["ballots need a table of places: id,ceiling"])
        return read_ballots(path, beside, order)
    if beside is not None or order is not None:
        raise InvalidMatchingFile(["a JSON file says everything itself; nothing goes beside it"])
    return read_problem(path)
