"""`mentorbot lottery`: replay a published draw, offline, without names."""

from pathlib import Path
from typing import Annotated

import typer

from mentorbot import terminal
from mentorbot.domain.model import Role

MOST_BYTES = 200_000_000
app = typer.Typer(no_args_is_help=True, help="Selection by lots that anyone can replay.")


@app.callback()
def lottery() -> None:
    """Selection by lots that anyone can replay."""


@app.command()
def export(
    workspace: Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")],
    programme: Annotated[
        str | None, typer.Option(help="Its id, such as mila; needed where several run.")
    ] = None,
    role: Annotated[Role | None, typer.Option(help="Whose places were drawn.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file; without it, the terminal.")
    ] = None,
) -> None:
    """Write the newest draw as the programme publishes it: to be replayed, and without names."""
    from mentorbot.operating import draw_of

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with terminal.refusals():
        told = draw_of(terminal.settings(), workspace, programme, role)
    if output is None:
        typer.echo(told)
        return
    try:
        output.write_text(told, encoding="utf-8")
    except OSError as error:
        terminal.stop(f"{output} cannot be written: {error.strerror}.")
    typer.echo(f"The draw is in {output}.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The draw as the programme published it.")],
    commitment: Annotated[
        str | None, typer.Option(help="The digest that was published before the draw.")
    ] = None,
) -> None:
    """Replay a published draw: the same applicants, rules and seed give the same places."""
    from mentorbot.domain.errors import InvalidDraw
    from mentorbot.domain.selection import mistakes, read_draw

    try:
        if file.stat().st_size > MOST_BYTES:
            terminal.stop(f"{file} is too large for a draw.")
        published = read_draw(file.read_bytes())
    except OSError as error:
        terminal.stop(f"{file} cannot be read: {error.strerror}.")
    except InvalidDraw as error:
        terminal.stop(f"{file} is not a published draw:\n{error}")
    found = mistakes(published)
    if commitment is not None and commitment.strip().lower() != published.commitment:
        found.insert(0, "The digest in the file is not the one that was published before the draw.")
    if found:
        typer.echo("\n".join(["The draw does not hold.", *found]), err=True)
        raise typer.Exit(1)
    rules = published.rules
    typer.echo(
        f"The draw holds: {len(published.entrants)} applicants,"
        f" {len(published.withdrawn)} withdrawn,"
        f" {rules.places} places ({rules.reserved} reserved), {len(published.selected)} selected."
    )
    if commitment is None:
        typer.echo(f"Compare its digest with the one published before: {published.commitment}")
