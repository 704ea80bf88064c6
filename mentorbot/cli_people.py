"""`mentorbot people`: erasing somebody who asks for it."""

from typing import TYPE_CHECKING, Annotated

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.usecases.erasing import Erased

app = typer.Typer(no_args_is_help=True, help="People of whom something is stored.")


@app.callback()
def _group() -> None:
    """Without a callback, a group of one command would be that command."""


@app.command()
def erase(
    person: Annotated[
        str, typer.Argument(metavar="ID", help="Such as U0123456789, or an e-mail address.")
    ],
    workspace: Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person for good: name, answers, words and id; their partners hear that they left.

    An e-mail address stands for the Slack account that has applied under it, too.
    """
    from mentorbot.domain.erasures import is_address
    from mentorbot.operating import erase_person

    person = person.strip()
    if is_address(person):
        person = person.casefold()
    else:
        terminal.check_slack_id(person, terminal.PERSON, "ID")
    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    settings = terminal.settings()
    if not yes:
        typer.confirm(f"Erase everything of {person} in {workspace}, for good?", abort=True)
    with terminal.refusals():
        try:
            written, erased = erase_person(settings, workspace, person)
        except OSError as error:
            terminal.stop(f"Nothing was erased: {settings.erasures_path()}: {error.strerror}.")
    typer.echo(f"{person} is erased in {workspace}: {_told(erased)}.")
    typer.echo(f"{written} says so without naming them; keep a copy of it with your backups.")


def _told(erased: "Erased") -> str:
    """What there was of somebody."""
    held = erased.held
    counts = (
        (erased.accounts, "Slack account"),
        (held.applications, "application"),
        (held.sealed, "confidential answer"),
        (len(held.letters), "letter"),
        (held.listed, "place on a list"),
    )
    return ", ".join(f"{count} × {what}" for count, what in counts if count) or "what others wrote"
