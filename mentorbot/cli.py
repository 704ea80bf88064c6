"""The `mentorbot` command: thin words over the rooms below; each imports only what it needs."""

from datetime import datetime
from errno import EADDRINUSE
from pathlib import Path
from typing import Annotated

import typer

from mentorbot import (
    cli_applications,
    cli_certificates,
    cli_lists,
    cli_lottery,
    cli_match,
    cli_outbox,
    cli_people,
    cli_programme,
    cli_secrets,
    cli_team,
    terminal,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="MentorBot runs mentorship programmes inside Slack.",
)
db_app = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(cli_programme.app, name="programme")
app.add_typer(cli_applications.app, name="applications")
app.add_typer(cli_lists.app, name="lists")
app.add_typer(db_app, name="db")
app.add_typer(cli_outbox.app, name="outbox")
app.add_typer(cli_people.app, name="people")
app.add_typer(cli_team.app, name="team")
app.add_typer(cli_lottery.app, name="lottery")
app.add_typer(cli_match.app, name="match")
app.add_typer(cli_secrets.app, name="secrets")
app.add_typer(cli_certificates.app, name="certificates")
app.command("verify")(cli_certificates.verify)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served, on 127.0.0.1.")] = 8585,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the last demo first.")] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser where there is one.")] = True,
    folder: Annotated[Path, typer.Option(help="Where the demo is kept.")] = Path("var/demo"),
) -> None:
    """Live through a programme in a simulated Slack workspace; no Slack account needed."""
    from sqlalchemy.exc import DatabaseError

    from mentorbot.sandbox.demo import run_demo
    from mentorbot.sandbox.errors import SpoiltWorkspace

    try:
        run_demo(folder, port=port, fresh=fresh, browser=browser)
    except OSError as error:
        hint = " Another one may be running; try --port." if error.errno == EADDRINUSE else ""
        terminal.stop(f"The demo could not start: {error}.{hint}")
    except (SpoiltWorkspace, DatabaseError) as error:
        reason = getattr(error, "orig", None) or error
        terminal.stop(f"The demo in {folder} cannot go on: {reason}. Start anew with --fresh.")


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where it is served, on 127.0.0.1.")] = 8586,
    events_url: Annotated[
        str | None, typer.Option(help="Send signed HTTP events here instead of Socket Mode.")
    ] = None,
    rate_limits: Annotated[bool, typer.Option(help="Answer 429 by Slack's tiers.")] = False,
) -> None:
    """Serve a simulated Slack workspace for any bot, to point its base URL at."""
    from mentorbot.sandbox.demo import run_sandbox

    run_sandbox(port=port, events_url=events_url, rate_limits=rate_limits)


@app.command()
def run() -> None:
    """Run the bot over Socket Mode, with the tokens in the environment or in .env."""
    from slack_sdk.errors import SlackApiError

    from mentorbot.running import run_socket_mode

    settings = terminal.settings()
    if not settings.slack_bot_token.get_secret_value():
        terminal.stop(
            "SLACK_BOT_TOKEN is not set. The README says how to create the app in five steps."
        )
    if not settings.slack_app_token.get_secret_value():
        terminal.stop(
            "SLACK_APP_TOKEN is not set. The README says how to create the app in five steps."
        )
    try:
        with terminal.refusals():
            run_socket_mode(settings)
    except SlackApiError as refusal:
        token = "APP" if "apps.connections" in str(refusal.response.api_url) else "BOT"
        terminal.stop(f"Slack refused SLACK_{token}_TOKEN: {refusal.response.get('error')}.")
    except OSError as error:
        terminal.stop(f"MentorBot could not reach {settings.slack_api_url}: {error}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Instead of MENTORBOT_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of MENTORBOT_PORT.")] = None,
) -> None:
    """Run the bot over HTTP: Slack's requests, installing from a link, health and metrics."""
    from slack_sdk.errors import SlackApiError

    from mentorbot.running import run_http

    settings = terminal.settings()
    if host is not None or port is not None:
        here = {"mentorbot_host": host, "mentorbot_port": port}
        settings = settings.model_copy(update={k: v for k, v in here.items() if v is not None})
    if missing := settings.missing_for_http():
        terminal.stop(missing)
    try:
        with terminal.refusals():
            run_http(settings)
    except SlackApiError as refusal:
        terminal.stop(f"Slack refused SLACK_BOT_TOKEN: {refusal.response.get('error')}.")
    except OSError as error:
        where = f"{settings.mentorbot_host}:{settings.mentorbot_port}"
        terminal.stop(
            f"MentorBot could not serve on {where} or reach {settings.slack_api_url}: {error}"
        )


@app.command()
def work() -> None:
    """Do the work of other replicas, with no door of its own: needs PostgreSQL to be of use."""
    from mentorbot.running import run_worker

    with terminal.refusals():
        run_worker(terminal.settings())


@app.command()
def tick(
    now: Annotated[
        str | None, typer.Option(help="The instant to act as of, such as 2026-12-20T10:00Z.")
    ] = None,
) -> None:
    """Run one heartbeat: do what is due, deliver it, and exit."""
    from mentorbot.running import run_once

    at = None if now is None else _instant(now)
    with terminal.refusals():
        done, sent = run_once(terminal.settings(), at)
    typer.echo(f"{done} things were due, {sent} messages were taken up.")


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        terminal.stop(f"{text!r} is not an instant such as 2026-12-20T10:00Z.")
    if at.tzinfo is None:
        terminal.stop(f"{text!r} needs its zone: write 2026-12-20T10:00Z, or +01:00 at its end.")
    return at


@app.command()
def doctor() -> None:
    """Check all that the bot needs, and say what to do; status 1 where something is wrong."""
    from mentorbot.redaction import redact
    from mentorbot.running import check_up

    settings, faults = terminal.settings_or_faults()
    if settings is None:
        typer.echo("\n".join(f"✗ {fault}" for fault in faults))
        raise typer.Exit(1)
    typer.echo(f"✓ {terminal.advice('settings')}")
    is_all_well = True
    for found in check_up(settings):
        line = f"{'✓' if found.is_well else '✗'} {terminal.advice(found.key, **found.values)}"
        typer.echo(redact(line, settings.secrets))
        is_all_well = is_all_well and found.is_well
    raise typer.Exit(0 if is_all_well else 1)


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version; safe to run again."""
    from mentorbot.running import upgrade_database

    with terminal.refusals():
        typer.echo(upgrade_database(terminal.settings()))


@db_app.command("copy")
def db_copy(
    source: Annotated[str, typer.Option("--from", help="Such as sqlite:///var/mentorbot.db.")],
    target: Annotated[str, typer.Option("--to", help="PostgreSQL, as the tables' owner.")],
) -> None:
    """Move from SQLite to PostgreSQL, verified; run again, it goes on where it broke off."""
    from mentorbot.running import copy_database

    with terminal.refusals():
        rows = copy_database(source, target)
    typer.echo(f"{rows} rows are copied and verified. Point MENTORBOT_DATABASE_URL at them now.")


@db_app.command("backup")
def db_backup(
    path: Annotated[Path, typer.Argument(help="A file that does not exist yet.")],
) -> None:
    """Back the database up into one file, while the bot runs."""
    from mentorbot.operating import back_up_database

    with terminal.refusals():
        size = back_up_database(terminal.settings(), path)
    typer.echo(f"{path} holds the database as it is now: {size} bytes.")


@db_app.command("restore")
def db_restore(path: Annotated[Path, typer.Argument(help="What `db backup` has made.")]) -> None:
    """Put a backup in place of the database, while the bot runs; what was there is kept."""
    from mentorbot.operating import restore_database

    with terminal.refusals():
        kept, erased = restore_database(terminal.settings(), path)
    typer.echo(f"{path} is restored." + (f" What was there is in {kept}." if kept else ""))
    if erased:
        typer.echo(f"Erased again, because it was done after that backup: {erased}.")
    typer.echo("For two days every message is looked for in Slack before it is sent.")


@app.command()
def version() -> None:
    """The version of MentorBot."""
    from importlib.metadata import version as installed

    typer.echo(f"MentorBot {installed('mentorbot')}")
