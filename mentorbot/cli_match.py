"""`mentorbot match`: the matching engine over files, without Slack."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.matching_files.comparing import Comparison, Difference
    from mentorbot.matching_files.result_file import Part, ResultFile

app = typer.Typer(no_args_is_help=True, help="Matching over files: solved, checked and compared.")
MOST_LINES = 20
"""How many people a command names; all of them are in the file."""
QUIET_SECONDS = 2.0
Result = Annotated[Path, typer.Argument(metavar="RESULT", help="What `match solve` has written.")]


@app.command()
def solve(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .json problem, a .csv of people, or ballots.")
    ],
    beside: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="The criteria, or the places of those on ballots."),
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Of ballots: greedy_maximum, generous or rank_maximal.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file; without it, the terminal.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add reasons, alternatives and a fairness report.")
    ] = False,
) -> None:
    """Find the best matching of a problem, with its proof; status 2 where it cannot be used."""
    from mentorbot.matching_files.explaining import explained
    from mentorbot.matching_files.opening import open_problem
    from mentorbot.matching_files.result_file import written
    from mentorbot.matching_files.solving import solve as solve_file

    with _refusals(file):
        result = solve_file(open_problem(file, beside, order), _Progress().told)
    if explain:
        result = explained(result)
    if output is None:
        typer.echo(written(result), nl=False)
        return
    try:
        output.write_text(written(result), encoding="utf-8")
    except OSError as error:
        terminal.stop(terminal.sentence("match.not_written", file=output, why=error.strerror))
    _say("done", count=len(result.pairs), file=output)
    for part in result.parts:
        _tell(_reached(part))
    _tell(_without(result))


@app.command()
def verify(
    file: Result,
    problem: Annotated[
        Path | None, typer.Argument(help="The problem it has to be of; else the one in it.")
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="The criteria, or the places of those on ballots."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Solve again what has no proof, and compare.")
    ] = False,
) -> None:
    """Check a result by its proof, without a solver; status 1 where it does not hold."""
    from mentorbot.matching_files.opening import open_problem
    from mentorbot.matching_files.solving import solve as solve_file
    from mentorbot.matching_files.verifying import verify as verify_result

    result = _read(file)
    with _refusals(problem or file):
        asked = None
        if problem is not None:
            asked = open_problem(problem, beside, result.problem.order if beside else None)
        verdict = verify_result(result, asked)
        mistakes = list(verdict.mistakes)
        if verdict.unproven and not mistakes and again:
            found = solve_file(result.problem, _Progress().told)
            if found.assignment != result.assignment:
                mistakes.append(terminal.sentence("match.other_again"))
    if mistakes:
        _say("fails", err=True)
        typer.echo("\n".join(mistakes), err=True)
        raise typer.Exit(1)
    if verdict.unproven and not again:
        _say("unproven", err=True)
        raise typer.Exit(1)
    _say("holds", count=len(result.pairs))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="A result.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
) -> None:
    """Say who moves from one result to another, and what that costs, measure by measure."""
    from mentorbot.matching_files.comparing import compare as compare_results

    _compared(compare_results(_read(before), _read(after)))


@app.command()
def why(
    file: Result,
    mentee: Annotated[str, typer.Argument(help="A mentee's id.")],
    mentor: Annotated[str, typer.Argument(help="A mentor's id.")],
) -> None:
    """Say what it would cost to put two people together, and who would move."""
    from mentorbot.matching_files.comparing import compare as compare_results
    from mentorbot.matching_files.explaining import with_pair
    from mentorbot.matching_files.result_file import ResultFile

    result = _read(file)
    with _refusals(file):
        found = with_pair(result, mentee, mentor, _Progress().told)
    if not isinstance(found, ResultFile):
        _say(f"against.{found}", mentee=mentee, mentor=mentor)
    elif found is result:
        _say("together", mentee=mentee, mentor=mentor)
    else:
        _compared(compare_results(result, found))


@app.command()
def schema(
    of_result: Annotated[bool, typer.Option("--result", help="Of results instead.")] = False,
) -> None:
    """Print the JSON Schema of problem files, or of results."""
    import json

    from mentorbot.matching_files.problem_file import ProblemFile
    from mentorbot.matching_files.reading import schema as schema_of
    from mentorbot.matching_files.result_file import ResultFile

    found = schema_of(ResultFile if of_result else ProblemFile)
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
    typer.echo(json.dumps(described, indent=2, sort_keys=True))


class _Progress:
    """Says on stderr how far a long solve is, at most once in some seconds."""

    def __init__(self) -> None:
        self._quiet_until = time.monotonic() + QUIET_SECONDS

    def told(self, measure: str, number: int, left: int) -> None:
        """A step of the engine."""
        if time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + QUIET_SECONDS
            _say("progress", err=True, measure=_measure(measure, number))
            if left:
                _say("improving", err=True, count=left)


@contextmanager
def _refusals(file: Path) -> Iterator[None]:
    """A file that cannot be used ends with its mistakes."""
    from mentorbot.domain.errors import InvalidMatchingFile

    try:
        yield
    except InvalidMatchingFile as error:
        terminal.stop(f"{terminal.sentence('match.not_usable', file=str(file))}\n{error}")
    except OSError as error:
        terminal.stop(
            terminal.sentence("match.not_read", file=str(error.filename), why=error.strerror)
        )


def _read(file: Path) -> "ResultFile":
    from mentorbot.matching_files.reading import read_result, text_of

    with _refusals(file):
        return read_result(text_of(file))


def _compared(found: "Comparison") -> None:
    if found.asked:
        _say("asked", parts=", ".join(found.asked))
    if found.is_same:
        _say("same")
    else:
        _say("moved", count=len(found.moves))
    _tell(
        terminal.sentence(
            "match.move",
            mentee=it.mentee_id,
            before=", ".join(it.before) or "–",
            after=", ".join(it.after) or "–",
        )
        for it in found.moves
    )
    for one in found.measures:
        typer.echo(_difference(one))


def _difference(one: "Difference") -> str:
    measure = _measure(one.name, one.number)
    before, after = ("–" if it is None else it for it in (one.before, one.after))
    if before == after:
        return terminal.sentence("match.unchanged", measure=measure, value=before)
    return terminal.sentence("match.changed", measure=measure, before=before, after=after)


def _reached(part: "Part") -> Iterator[str]:
    for it in part.reached:
        measure = _measure(it.name, it.number)
        yield terminal.sentence("match.reached", measure=measure, value=it.value)
    if part.most is not None:
        yield terminal.sentence("match.reached", measure=_measure("most", 0), value=part.most)
    for it in part.bound:
        measure = _measure(it.name, it.number)
        yield terminal.sentence("match.bound", measure=measure, value=it.value)


def _measure(name: str, number: int) -> str:
    return terminal.sentence(f"match.measure.{name}", number=number)


def _without(result: "ResultFile") -> Iterator[str]:
    for it in result.unmatched:
        reason = terminal.sentence(f"match.reason.{it.reason}")
        yield terminal.sentence(
            "match.without", mentee=it.mentee, has=it.has, wants=it.wants, reason=reason
        )


def _tell(lines: Iterable[str]) -> None:
    every = list(lines)
    for line in every[:MOST_LINES]:
        typer.echo(line)
    if len(every) > MOST_LINES:
        _say("more", count=len(every) - MOST_LINES)


def _say(key: str, *, err: bool = False, **values: object) -> None:
    typer.echo(terminal.sentence(f"match.{key}", **values), err=err)
