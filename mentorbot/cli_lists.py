"""`mentorbot lists`: who is on the lists that a programme's eligibility asks."""

from pathlib import Path
from typing import Annotated

import typer

from mentorbot import terminal

app = typer.Typer(no_args_is_help=True, help="Lists of addresses, such as a society's members.")
Workspace = Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")]
ProgrammeId = Annotated[
    str | None, typer.Option("--programme", help="Its id, where several run there.")
]


@app.command("import")
def import_(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="Its id in the programme file.")],
    file: Annotated[Path, typer.Argument(help="A column of addresses, or one in each line.")],
    workspace: Workspace,
    programme: ProgrammeId = None,
    add: Annotated[
        bool, typer.Option("--add", help="Beside those on the list, instead of replacing them.")
    ] = False,
) -> None:
    """Put a file's addresses on a list, in place of those that are on it."""
    from mentorbot.intake import import_list
    from mentorbot.operating import opened_programme

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with (
        terminal.refusals(),
        terminal.reading(file) as stream,
        opened_programme(terminal.settings(), workspace, programme) as (bot, programme_id),
    ):
        done = import_list(
            bot, workspace, programme_id, list_id, stream, "operator", replaces=not add
        )
    typer.echo(f"{done.added} added, {done.removed} taken off; {done.total} are on {list_id} now.")
    if done.bad:
        lines = ", ".join(map(str, done.bad_lines))
        typer.echo(f"{done.bad} lines hold no address, such as: {lines}.", err=True)
        raise typer.Exit(1)


@app.command("list")
def list_(workspace: Workspace, programme: ProgrammeId = None) -> None:
    """Count the addresses on each list of a programme."""
    from mentorbot.intake import count_lists
    from mentorbot.operating import opened_programme

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with (
        terminal.refusals(),
        opened_programme(terminal.settings(), workspace, programme) as (bot, programme_id),
    ):
        found = count_lists(bot, workspace, programme_id)
    for list_id, what, count in found:
        typer.echo(f"{list_id:20} {count:7}  {what}")
    if not found:
        typer.echo("The programme's file names no lists.")
