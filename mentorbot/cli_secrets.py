"""`mentorbot secrets`: the keys that sensitive answers are sealed with."""

import typer

from mentorbot import terminal

app = typer.Typer(no_args_is_help=True, help="The keys for sensitive answers.")


@app.callback()
def secrets() -> None:
    """The keys for sensitive answers."""


@app.command()
def new() -> None:
    """Make a key for MENTORBOT_SECRET_KEYS; it is shown once, and kept nowhere."""
    from mentorbot.storage.sealing import new_key

    typer.echo(new_key())


@app.command()
def renew() -> None:
    """Seal everything anew with the first key; then the others can be taken away."""
    from mentorbot.operating import renew_secrets

    with terminal.refusals():
        count = renew_secrets(terminal.settings())
    typer.echo(f"{count} sealed anew with the first key of MENTORBOT_SECRET_KEYS.")
