"""Plays the journeys that prove what the programme pages promise, and says how many lines hold."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).with_suffix(".toml")
OPTIONS = ("-m", "phrase", "-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=")
TICK, DASH = "✓", "–"


@dataclass(frozen=True)
class Programme:
    """One programme page; `phrases` are its words by id."""

    name: str
    phrases: dict[str, str]


def programmes() -> list[Programme]:
    """The five pages, in the order of the file."""
    with FILE.open("rb") as file:
        tables: dict[str, dict[str, str]] = tomllib.load(file)
    return [Programme(table.pop("programme"), table) for table in tables.values()]


def known_ids() -> set[str]:
    """The id of every phrase."""
    return {phrase for page in programmes() for phrase in page.phrases}


@dataclass(eq=False)
class Record:
    """A pytest plugin: which tests name which phrases, and how each test went."""

    proves: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the phrases of every test that will run."""
        for item in session.items:
            marks = item.iter_markers("phrase")
            named = tuple(str(phrase) for mark in marks for phrase in mark.args)
            self.proves[item.nodeid] = named
            for phrase in sorted(set(named) - known_ids()):
                self.failures.append(f"{item.nodeid} names {phrase}, which no page promises")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read proves nothing."""
        if report.failed:
            self.failures.append(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test, its beginning or its end went."""
        if report.failed:
            self.passed.discard(report.nodeid)
            self.failures.append(f"{report.nodeid} ({report.when})\n{report.longreprtext}")
        elif report.skipped:
            self.skipped.add(report.nodeid)
        elif report.when == "call":
            self.passed.add(report.nodeid)

    def proofs(self, phrase: str) -> list[str]:
        """The tests that prove a phrase; none where one of those that name it did not pass."""
        naming = [test for test, named in self.proves.items() if phrase in named]
        return naming if naming and self.passed.issuperset(naming) else []


def table(record: Record) -> Iterator[str]:
    """The phrases by programme, each with a tick and its first proof, or a dash."""
    for page in programmes():
        yield f"{page.name}"
        for phrase, words in page.phrases.items():
            proofs = record.proofs(phrase)
            yield f"  {TICK if proofs else DASH} {phrase:10} {words}"
            if proofs:
                more = f" and {len(proofs) - 1} more" if len(proofs) > 1 else ""
                yield f"    {'':10} {proofs[0]}{more}"
        yield ""


def main(arguments: Sequence[str] = ()) -> int:
    """Run every marked test and print the table; 1 when one failed, else 0."""
    record = Record()
    plugins: list[Any] = [record]
    stopped = pytest.main([*OPTIONS, *arguments], plugins)
    for failure in record.failures:
        sys.stdout.write(f"FAILED {failure}\n\n")
    sys.stdout.write("\n".join(table(record)))
    for test in sorted(record.skipped):
        sys.stdout.write(f"Skipped, so it proves nothing here: {test}\n")
    held = sum(bool(record.proofs(phrase)) for phrase in known_ids())
    sys.stdout.write(f"{held} of {len(known_ids())}\n")
    return 1 if record.failures or stopped not in (0, pytest.ExitCode.NO_TESTS_COLLECTED) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
