"""Two tables that make a problem: the people, and the criteria that pairs are scored by.

People have the columns `id`, `role` (mentee or mentor), where needed `wants`, `waiting_class`,
`group`, `ceiling`, `floor` and `choices` ("m1; m2 = m3": m2 and m3 are liked alike), and one for
each question. Criteria have a column for each of their words. Lists are parted by semicolons.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mentorbot.domain.errors import ImportRefused, InvalidMatchingFile
from mentorbot.domain.parts import Place
from mentorbot.domain.table_files import open_table
from mentorbot.matching_files.lines import Lines
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.reading import checked

Row = tuple[int, dict[str, str]]
_ABOUT_PEOPLE = ("wants", "waiting_class", "group", "ceiling", "floor")
_SIDES = {"mentee": "mentees", "mentor": "mentors"}


def read_tables(
    people: Path, criteria: Path | None = None, order: str | None = None
) -> ProblemFile:
    """The problem of two tables; without criteria, people's choices decide.

    With choices of mentees the mode is `ranked`, with choices of mentors too `two_sided`, else
    `best`. Raises InvalidMatchingFile with every mistake, and OSError.
    """
    where: dict[Place, tuple[str, int]] = {}
    mistakes = list[str]()
    said: dict[str, Any] = {"mentees": [], "mentors": []}
    if criteria is not None:
        said["criteria"] = []
        for line, told in rows_of(criteria, None, mistakes):
            where["criteria", len(said["criteria"])] = (criteria.name, line)
            said["criteria"].append(_criterion(told))
    sorts = _sorts(said.get("criteria", ()))
    for line, told in rows_of(people, None, mistakes):
        side = _SIDES.get(told.get("role", ""))
        if side is None:
            mistakes.append(f"line {line}, column 1: {people.name}: role is mentee or mentor")
            continue
        where[side, len(said[side])] = (people.name, line)
        said[side].append(_person(told, sorts))
    if mistakes:
        raise InvalidMatchingFile(mistakes)
    said["mode"] = _mode(said)
    if order is not None:
        said["order"] = order
    return checked(json.dumps(said), Lines(people.name, where))


def rows_of(path: Path, known: Collection[str] | None, mistakes: list[str]) -> Iterator[Row]:
    """The rows of a table, their cells by column; `known` are all the columns that it may have."""
    with path.open("rb") as stream:
        try:
            table = open_table(stream)
        except ImportRefused:
            mistakes.append(f"{path.name}: this is no table with a header")
            return
        if known is not None and (strange := sorted(set(table.header) - set(known))):
            mistakes.append(f"line 1, column 1: {path.name}: unknown columns {strange}")
        for row in table.rows():
            if row.fault:
                mistakes.append(
                    f"line {row.line}, column 1: {path.name}: this is no row of the table"
                )
            else:
                yield row.line, dict(zip(table.header, map(str.strip, row.cells), strict=True))


def _mode(said: Mapping[str, Any]) -> str:
    chosen = {side: any("choices" in it for it in said[side]) for side in _SIDES.values()}
    if chosen["mentors"]:
        return "two_sided"
    return "ranked" if chosen["mentees"] else "best"


def _criterion(told: Mapping[str, str]) -> dict[str, Any]:
    found = {name: _value(name, cell) for name, cell in told.items() if cell}
    if found.get("kind") == "region" and isinstance(found.get("wider"), list):
        pairs = (it.partition("=") for it in found["wider"])
        found["wider"] = {place.strip(): region.strip() for place, _, region in pairs}
    return found


def _value(name: str, cell: str) -> Any:
    """A cell as the word of a criterion wants it; what does not fit stays, and is told there."""
    if name in ("ignore", "levels", "wider"):
        return _list(cell)
    if name == "must":
        return {"yes": True, "no": False}.get(cell.casefold(), cell)
    if name in ("weight", "most", "above", "enough_minutes", "within"):
        return _number(cell)
    return cell


def _sorts(criteria: Collection[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """How the answers to a question of a side are written: the kind of its criterion."""
    found: dict[tuple[str, str], str] = {}
    for one in criteria:
        question = str(one.get("question", ""))
        found["mentee", question] = str(one.get("kind"))
        found["mentor", str(one.get("mentors_question", question))] = str(one.get("kind"))
    return found


def _person(told: Mapping[str, str], sorts: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    role = told["role"]
    found: dict[str, Any] = {"id": told.get("id", "")}
    answers = {}
    for name, cell in told.items():
        if not cell or name in ("id", "role"):
            continue
        if name == "choices":
            found[name] = [_list(it, "=") for it in _list(cell)]
        elif name in _ABOUT_PEOPLE:
            found[name] = cell if name == "group" else _number(cell)
        else:
            answers[name] = _ANSWERS.get(sorts.get((role, name), ""), str)(cell)
    return found | ({"answers": answers} if answers else {})


def _list(cell: str, parted: str = ";") -> list[str]:
    return [it.strip() for it in cell.split(parted) if it.strip()]


def _number(cell: str) -> int | float | str:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(cell)
    return cell


def _week(cell: str) -> dict[str, Any]:
    """Such as "Europe/Paris: mon 18:00-20:00; tue 09:00-10:00"."""
    zone, _, times = cell.partition(":")
    return {"zone": zone.strip(), "times": _list(times)}


_ANSWERS: Mapping[str, Callable[[str], Any]] = {"shared": _list, "near": _number, "hours": _week}
