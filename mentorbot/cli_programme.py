"""`mentorbot programme`: programme files, checked and shown, and where they run."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.domain.programme import ProgrammeFile

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
    from mentorbot.wording import plain, say

    file = _read(name)
    for key, values in warnings(file, datetime.now(file.zone).date()):
        typer.echo(f"unwise: {plain(say(f'prudence.{key}', **values))}")
    typer.echo(f"{file.name} can be run.")


@app.command()
def show(name: Name) -> None:
    """Print a programme file, to begin one's own from."""
    from mentorbot.programmes import source

    typer.echo(_text(name) if _is_path(name) else source(name), nl=False)


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
