"""`mentorbot team`: who holds which role in a programme, and changing it without Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from mentorbot import terminal
from mentorbot.domain.permissions import TeamRole

app = typer.Typer(no_args_is_help=True, help="The team of a programme.")
Workspace = Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")]
Programme = Annotated[
    str | None, typer.Option(help="Its id, such as img; needed where several run.")
]
Person = Annotated[str, typer.Argument(metavar="ID", help="Such as U0123456789.")]
Role = Annotated[TeamRole, typer.Argument(help="What they are in the team.")]
EVERYWHERE_HELP = "In every programme of the workspace; for viewers."
Everywhere = Annotated[bool, typer.Option("--everywhere", help=EVERYWHERE_HELP)]


@contextmanager
def _checked(workspace: str, person: str | None = None) -> Iterator[None]:
    """Ids that are ids, and a sentence for what is refused."""
    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    if person is not None:
        terminal.check_slack_id(person, terminal.PERSON, "ID")
    with terminal.refusals():
        yield


@app.command("list")
def list_team(workspace: Workspace, programme: Programme = None) -> None:
    """Show who holds which role."""
    from mentorbot.operating import team_of

    with _checked(workspace):
        for it in team_of(terminal.settings(), workspace, programme):
            place = it.programme_id or "every programme"
            about = f" for {it.specialty}" if it.specialty else ""
            typer.echo(f"{it.slack_user_id}  {it.role}{about}  {place}")


@app.command()
def add(
    person: Person,
    role: Role,
    workspace: Workspace,
    programme: Programme = None,
    specialty: Annotated[str, typer.Option(help="What an adviser advises on.")] = "",
    everywhere: Everywhere = False,
) -> None:
    """Give somebody a role; they hear of it from the bot."""
    from mentorbot.operating import add_to_team

    _check_everywhere(role, everywhere=everywhere)
    with _checked(workspace, person):
        is_new = add_to_team(
            terminal.settings(),
            workspace,
            programme,
            person,
            role,
            specialty=specialty,
            everywhere=everywhere,
        )
    typer.echo(f"{person} is {role} now." if is_new else f"{person} is {role} already.")


@app.command()
def remove(
    person: Person,
    role: Role,
    workspace: Workspace,
    programme: Programme = None,
    everywhere: Everywhere = False,
) -> None:
    """Take a role from somebody; they hear of it from the bot."""
    from mentorbot.operating import remove_from_team

    _check_everywhere(role, everywhere=everywhere)
    with _checked(workspace, person):
        remove_from_team(
            terminal.settings(), workspace, programme, person, role, everywhere=everywhere
        )
    typer.echo(f"{person} is not {role} any more.")


def _check_everywhere(role: TeamRole, *, everywhere: bool) -> None:
    if everywhere and role is not TeamRole.VIEWER:
        terminal.stop("Only a viewer can be one --everywhere.")
