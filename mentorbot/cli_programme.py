"""`mentorbot programme`: programme files, checked and shown, and where they run."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.domain.changes import Change
    from mentorbot.domain.programme import ProgrammeFile
    from mentorbot.programmes.beginning import Answers, Repeats

app = typer.Typer(no_args_is_help=True, help="Programme files and where they run.")
Name = Annotated[str, typer.Argument(metavar="FILE|PRESET", help="A file, or such as img.")]


@app.command("list")
def list_() -> None:
    """The programmes that ship with MentorBot."""
    from mentorbot.programmes import preset, presets

    for name in presets():
        typer.echo(f"{name:10} {preset(name).name}")


@app.command()
def check(name: Name) -> None:
    """Name every mistake of a programme file with its line, and what is legal but unwise."""
    from mentorbot.domain.prudence import warnings

    file = _read(name)
    for key, values in warnings(file, datetime.now(file.zone).date()):
        typer.echo(f"unwise: {terminal.sentence(f'prudence.{key}', **values)}")
    typer.echo(f"{file.name} can be run.")


@app.command()
def show(name: Name) -> None:
    """Print a programme file, to begin one's own from."""
    from mentorbot.programmes import source

    typer.echo(_text(name) if _is_path(name) else source(name), nl=False)


@app.command()
def new(path: Annotated[Path, typer.Argument(metavar="FILE", help="Such as mine.yml.")]) -> None:
    """Ask a few questions, and write a programme file to go on from."""
    from mentorbot.domain.errors import InvalidProgramme
    from mentorbot.domain.programme import read_programme
    from mentorbot.programmes.beginning import text_of

    if path.exists():
        terminal.stop(f"{path} is there already. Choose another name.")
    text = text_of(_ask())
    try:
        read_programme(text)
    except InvalidProgramme as error:
        terminal.stop(f"Nothing was written, for these answers do not fit together:\n{error}")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        terminal.stop(f"{path} cannot be written: {error.strerror}.")
    typer.echo(f"{path} is written. Next: mentorbot programme check {path}")


def _ask() -> "Answers":
    """The answers; nothing is written before the last of them."""
    from mentorbot.programmes.beginning import Answers, id_of

    ask = typer.prompt
    name = ask("What is the programme called", value_proc=_short_enough(60))
    applied_for = typer.confirm("Do people apply, and somebody decides", default=False)
    together = typer.confirm("Is everybody matched together on one date", default=False)
    return Answers(
        name=name,
        id=ask("Its id, in small letters", default=id_of(name), value_proc=_identifier),
        purpose=ask("What is it for, in a sentence", value_proc=_short_enough(2500)),
        time_zone=ask("Its time zone", default="Europe/London", value_proc=_zone),
        contact=ask("Who answers questions about it", value_proc=_short_enough(150)),
        title=ask("And what are they", default="Coordinator", value_proc=_short_enough(150)),
        topics=ask("What do people talk about (with commas between)", value_proc=_topics),
        is_applied_for=applied_for,
        closes_on=_date("The last day to apply (empty: none)") if applied_for else None,
        places=_number("Places for mentees (0: for all)", 0, 100_000, 0) if applied_for else None,
        matched_on=_date("The date on which they are matched") if together else None,
        repeats=ask(
            "Does it run again and again, once, or without an end",
            default="repeating",
            value_proc=_repeats,
        ),
        weeks=_number("How many weeks does a pair have", 2, 104, 8),
        most_mentees=_number("How many mentees can one mentor have at most", 1, 100, 2),
    )


def _number(question: str, least: int, most: int, default: int) -> int:
    def check(given: str) -> int:
        if not given.isdecimal() or not least <= int(given[:9]) <= most:
            raise typer.BadParameter(f"a number from {least} to {most}, please")
        return int(given)

    found: int = typer.prompt(question, default=str(default), value_proc=check)
    return found


def _repeats(given: str) -> "Repeats":
    for known in ("repeating", "once", "evergreen"):
        if given == known:
            return known
    raise typer.BadParameter("repeating, once or evergreen, please")


def _date(question: str) -> date | None:
    found: date | None = typer.prompt(question, default="", value_proc=_day)
    return found


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given.strip()) if given.strip() else None
    except ValueError:
        raise typer.BadParameter("a date looks like 2027-01-31") from None


def _short_enough(most: int) -> Callable[[str], str]:
    def check(given: str) -> str:
        text = " ".join(given.split())
        if not 0 < len(text) <= most:
            raise typer.BadParameter(f"between 1 and {most} characters, please")
        return text

    return check


def _identifier(given: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", given):
        raise typer.BadParameter("a letter, then letters, digits and underscores, at most 40")
    return given


def _zone(given: str) -> str:
    from zoneinfo import available_timezones

    known = available_timezones()
    if given not in known:
        near = get_close_matches(given, known, n=1, cutoff=0.6)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise typer.BadParameter(f"this is not a time zone such as Europe/London{meant}")
    return given


def _topics(given: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(it.strip() for it in given.split(",") if it.strip()))
    if len(found) < 2 or any(len(it) > 75 for it in found):
        raise typer.BadParameter("two topics or more, each of at most 75 characters")
    return found


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="FILE|PRESET", help="What there is.")],
    after: Annotated[
        str | None, typer.Argument(metavar="FILE|PRESET", help="What it becomes.")
    ] = None,
    workspace: Annotated[
        str | None, typer.Option(help="Compare one file with what runs in this workspace.")
    ] = None,
) -> None:
    """Say what a change to a programme does, to whom, and what is refused while it runs."""
    from mentorbot.domain.changes import Running, changes

    if (after is None) == (workspace is None):
        terminal.stop("Give two programmes, or one and the --workspace in which it runs.")
    if workspace is not None:
        from mentorbot.running import changes_in

        terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
        with terminal.refusals():
            found = changes_in(terminal.settings(), _read(before), workspace)
    else:
        found = changes(_read(before), _read(after or ""), Running())
    for change in found:
        typer.echo(_told(change))
    if not found:
        typer.echo("Nothing changes.")
    if any(change.refusal for change in found):
        raise typer.Exit(1)


def _told(change: "Change") -> str:
    if change.refusal is not None:
        return f"refused: {terminal.sentence(change.refusal.key, **change.refusal.values)}"
    return terminal.sentence(f"changes.{change.key}", **change.values)


@app.command()
def reference() -> None:
    """Print the reference of programme files: every word, what it takes, and what it does."""
    from mentorbot.programmes.reference import reference as page

    typer.echo(page(), nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of programme files, for editors."""
    from mentorbot.domain.programme import schema as schema_of

    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of()}
    typer.echo(json.dumps(described, indent=2, sort_keys=True))


@app.command()
def install(
    name: Name,
    workspace: Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")],
    channel: Annotated[str, typer.Option(help="The channel's id, such as C0123456789.")],
    coordinator: Annotated[str, typer.Option(help="A Slack user id, such as U0123456789.")],
) -> None:
    """Set a programme up without clicking; again, to bring its file up to date."""
    from mentorbot.domain.errors import Refusal
    from mentorbot.running import install_programme
    from mentorbot.wording import say

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    terminal.check_slack_id(channel, terminal.CHANNEL, "--channel")
    terminal.check_slack_id(coordinator, terminal.PERSON, "--coordinator")
    file = _read(name)
    try:
        with terminal.refusals():
            typer.echo(
                install_programme(terminal.settings(), file, workspace, channel, coordinator)
            )
    except Refusal as refusal:
        terminal.stop(say(refusal.key, "en", **refusal.values))


def _read(name: str) -> "ProgrammeFile":
    from mentorbot.domain.errors import InvalidProgramme
    from mentorbot.domain.programme import read_programme
    from mentorbot.programmes import preset

    try:
        return read_programme(_text(name)) if _is_path(name) else preset(name)
    except InvalidProgramme as error:
        terminal.stop(str(error))


def _is_path(name: str) -> bool:
    """A preset is a bare word; whatever has a dot or a slash in it is a file."""
    return "." in name or "/" in name or Path(name).is_file()


def _text(name: str) -> str:
    from mentorbot.domain.programme_source import MOST_BYTES

    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        terminal.stop(f"{name} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        terminal.stop(f"{name} is not text in UTF-8.")
