"""Ballots in the format of PrefLib (.soc, .soi, .toc, .toi), with the places in a table beside it.

A header of lines `# NAME: value` names the alternatives, which are the mentors; then each line is a
count and an order, such as `3: 2,{1,4}`, where those in braces are liked alike. Source: PrefLib,
"Data Format" (2022). Files of the time before, which begin with a number, are not read.
"""

import json
import re
from pathlib import Path
from typing import Any

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.parts import Place
from mentorbot.matching_files.lines import Lines
from mentorbot.matching_files.problem_file import MOST_PEOPLE, ProblemFile
from mentorbot.matching_files.reading import checked, text_of
from mentorbot.matching_files.tables import rows_of

ENDINGS = (".soc", ".soi", ".toc", ".toi")
_NAMED = re.compile(r"#\s*ALTERNATIVE NAME (\d+):\s*(.*\S)\s*")
_COUNTED = re.compile(r"#\s*(NUMBER [A-Z ]+):\s*(\d+)\s*")
_ORDER = re.compile(r"(\d+):\s*(\S.*)")
_TIER = re.compile(r"\s*(?:(\d+)|\{([^{}]*)\})\s*(?:,|$)")


def read_ballots(ballots: Path, places: Path, order: str | None = None) -> ProblemFile:
    """The problem of some ballots and the places of those who stand on them.

    The table has the columns `id`, `ceiling` and, if need be, `floor`, and a row for each mentor,
    by name. Voters are called v1, v2 and so on, in the order of the file. Raises
    InvalidMatchingFile with every mistake, and OSError.
    """
    read = _Ballots(ballots)
    where: dict[Place, tuple[str, int]] = dict(read.lines)
    mentors, mistakes = _places(places, read.names, where)
    if read.mistakes or mistakes:
        raise InvalidMatchingFile([*read.mistakes, *mistakes])
    said: dict[str, Any] = {"mode": "ranked", "mentees": read.mentees, "mentors": mentors}
    if order is not None:
        said["order"] = order
    return checked(json.dumps(said), Lines(ballots.name, where))


class _Ballots:
    """What a file of ballots says, and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.has_ties = path.suffix in (".toc", ".toi")
        self.names: dict[int, str] = {}
        self.counts: dict[str, int] = {}
        self.mentees: list[dict[str, Any]] = []
        self.lines: dict[Place, tuple[str, int]] = {}
        self.mistakes: list[str] = []
        self.orders = 0
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            if line.strip():
                self._read(number, line.strip())
        self._compare()

    def _read(self, number: int, line: str) -> None:
        if line.startswith("#"):
            if named := _NAMED.fullmatch(line):
                self._name(number, int(named[1]), named[2])
            elif counted := _COUNTED.fullmatch(line):
                self.counts[counted[1]] = int(counted[2])
            return
        ordered = _ORDER.fullmatch(line)
        if ordered is None:
            self._wrong(number, "this is no ballot such as 3: 2,{1,4}")
            return
        tiers = self._tiers(number, ordered[2])
        self.orders += 1
        if len(self.mentees) + int(ordered[1][:9]) > MOST_PEOPLE:
            self._wrong(number, f"more than {MOST_PEOPLE:,} voters")
            return
        for _ in range(int(ordered[1])):
            self.lines["mentees", len(self.mentees)] = (self.file, number)
            self.mentees.append({"id": f"v{len(self.mentees) + 1}", "choices": tiers})

    def _name(self, number: int, alternative: int, name: str) -> None:
        if name in self.names.values() or alternative in self.names:
            self._wrong(number, f"alternative {alternative}, {name!r}, stands here twice")
        self.names[alternative] = name

    def _tiers(self, number: int, text: str) -> list[list[str]]:
        tiers, at, seen = list[list[str]](), 0, set[int]()
        while at < len(text):
            found = _TIER.match(text, at)
            if found is None:
                self._wrong(number, f"{text[at:][:40]!r} is no list such as 2,{{1,4}}")
                return []
            at = found.end()
            tie = (found[1] or found[2]).split(",")
            if len(tie) > 1 and not self.has_ties:
                self._wrong(
                    number, "braces stand for a tie, and only .toc and .toi files have ties"
                )
            tiers.append([self._known(number, it.strip(), seen) for it in tie])
        return tiers

    def _known(self, number: int, alternative: str, seen: set[int]) -> str:
        if not alternative.isdecimal() or int(alternative[:9]) not in self.names:
            self._wrong(number, f"{alternative!r} is the number of no alternative")
            return ""
        if int(alternative) in seen:
            self._wrong(number, f"{alternative} is chosen more than once")
        seen.add(int(alternative))
        return self.names[int(alternative)]

    def _compare(self) -> None:
        if not self.names:
            self._wrong(1, "no line such as # ALTERNATIVE NAME 1: Ada")
        there = {
            "NUMBER ALTERNATIVES": len(self.names),
            "NUMBER VOTERS": len(self.mentees),
            "NUMBER UNIQUE ORDERS": self.orders,
        }
        for name, count in there.items():
            if not self.mistakes and self.counts.get(name, count) != count:
                self._wrong(1, f"{name} is {self.counts[name]}, but the file has {count}")

    def _wrong(self, number: int, what: str) -> None:
        self.mistakes.append(f"line {number}, column 1: {self.file}: {what}")


def _places(
    path: Path, names: dict[int, str], where: dict[Place, tuple[str, int]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The mentors and their places, and what is wrong with the table."""
    mentors, mistakes = dict[str, dict[str, Any]](), list[str]()
    for line, told in rows_of(path, ("id", "ceiling", "floor"), mistakes):
        name = told.get("id", "")
        if name not in names.values() or name in mentors:
            why = "stands here twice" if name in mentors else "is on no ballot's list of names"
            mistakes.append(f"line {line}, column 1: {path.name}: {name!r} {why}")
            continue
        where["mentors", len(mentors)] = (path.name, line)
        mentors[name] = {"id": name}
        for column in ("ceiling", "floor"):
            if told.get(column, "").isdecimal():
                mentors[name][column] = int(told[column])
            elif column == "ceiling" or told.get(column):
                mistakes.append(f"line {line}, column 1: {path.name}: {column} has to be a number")
    if missing := [it for it in names.values() if it not in mentors]:
        mistakes.append(f"{path.name}: nothing about {', '.join(map(repr, missing[:5]))}")
    return list(mentors.values()), mistakes
