"""`mentorbot people`: erasing somebody who asks for it."""

from typing import Annotated

import typer

from mentorbot import terminal

app = typer.Typer(no_args_is_help=True, help="People of whom something is stored.")


@app.callback()
def _group() -> None:
    """Without a callback, a group of one command would be that command."""


@app.command()
def erase(
    person: Annotated[str, typer.Argument(metavar="ID", help="Such as U0123456789.")],
    workspace: Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person for good: name, answers, words and id; their partners hear that they left."""
    from mentorbot.operating import erase_person

    terminal.check_slack_id(person, terminal.PERSON, "ID")
    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    settings = terminal.settings()
    if not yes:
        typer.confirm(f"Erase everything of {person} in {workspace}, for good?", abort=True)
    with terminal.refusals():
        try:
            written = erase_person(settings, workspace, person)
        except OSError as error:
            terminal.stop(f"Nothing was erased: {settings.erasures_path()}: {error.strerror}.")
    typer.echo(f"{person} is erased in {workspace}.")
    typer.echo(f"{written} says so without naming them; keep a copy of it with your backups.")
