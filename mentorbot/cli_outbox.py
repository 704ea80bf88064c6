"""`mentorbot outbox`: look at messages, and send or drop one by hand; never what they say."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.domain.messages import MessageState
    from mentorbot.storage.ledger import Entry

app = typer.Typer(no_args_is_help=True, help="Messages: what waits, what failed, and why.")
Id = Annotated[str, typer.Argument(metavar="ID", help="A message's id, as `outbox list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
HEADINGS = ("ID", "WORKSPACE", "KIND", "STATE", "DUE", "TRIES", "LAST ERROR")


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None,
        typer.Option(help="Such as dead; may be repeated. Without: all that is not settled well."),
    ] = None,
    workspace: Annotated[str | None, typer.Option(help="One workspace only.")] = None,
    to: Annotated[str | None, typer.Option(help="To a person or channel, by its id.")] = None,
    most: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Messages by state, the newest first."""
    from mentorbot.operating import list_messages
    from mentorbot.storage.ledger import NOT_SETTLED_WELL

    wanted = [_state(word) for word in state or NOT_SETTLED_WELL]
    if to is not None:
        terminal.check_slack_id(to, terminal.PERSON + terminal.CHANNEL, "--to")
    with terminal.refusals():
        found = list_messages(terminal.settings(), wanted, workspace, to, most)
    if as_json:
        typer.echo(_json([_of_entry(entry) for entry in found]))
        return
    if not found:
        typer.echo(f"No message is {' or '.join(wanted)}.")
        return
    typer.echo("\n".join(_table(HEADINGS, map(_cells, found))))
    if len(found) == most:
        typer.echo(f"These are the newest {most}; --most shows more.")


@app.command()
def show(message_id: Id, as_json: AsJson = False) -> None:
    """Everything about one message but its words: each try, and what was done by hand."""
    from mentorbot.operating import show_message

    with terminal.refusals():
        found = show_message(terminal.settings(), message_id)
    found["recipients"] = _ids(found["recipients"])
    if as_json:
        typer.echo(_json(found))
        return
    tries, acts = found.pop("tries"), found.pop("by_hand")
    for name, value in found.items():
        typer.echo(f"{name:16} {_shown(value)}".rstrip())
    for one in tries:
        typer.echo(f"  {_shown(one['at'])}  tried: {one['outcome']} {one['detail']}".rstrip())
    for one in acts:
        rest = ", ".join(f"{k}: {v}" for k, v in one.items() if k not in ("at", "act") and v)
        typer.echo(f"  {_shown(one['at'])}  by hand: {one['act']} ({rest})")


@app.command()
def retry(
    message_id: Id,
    look_again: Annotated[
        bool, typer.Option("--look-again", help="Look in Slack first, send where it is not there.")
    ] = False,
    even_if_repeated: Annotated[
        bool, typer.Option("--even-if-repeated", help="Send it though it may be there already.")
    ] = False,
) -> None:
    """Send a message with the next heartbeat; what may be in Slack is refused unless told how."""
    from mentorbot.operating import retry_message

    with terminal.refusals():
        retry_message(
            terminal.settings(),
            message_id,
            look_again=look_again,
            even_if_repeated=even_if_repeated,
        )
    typer.echo(f"{message_id} goes out with the next heartbeat.")


@app.command()
def drop(
    message_id: Id,
    reason: Annotated[str, typer.Option(help="Why, for the record; name nobody.")],
) -> None:
    """See to it that a message is not sent, with a reason on record."""
    from mentorbot.operating import drop_message

    with terminal.refusals():
        drop_message(terminal.settings(), message_id, reason)
    typer.echo(f"{message_id} is cancelled.")


@app.command()
def recover(
    workspace: Annotated[str | None, typer.Option(help="One workspace only.")] = None,
) -> None:
    """For two days, look for every message in Slack before it is sent: after a failover.

    `db restore` begins this by itself; PostgreSQL's own tools do not.
    """
    from mentorbot.operating import recover as begin

    with terminal.refusals():
        count = begin(terminal.settings(), workspace)
    typer.echo(f"Recovery has begun; workspaces: {count}.")


def _state(word: str) -> "MessageState":
    from mentorbot.domain.messages import MessageState

    if word not in list(MessageState):
        terminal.stop(f"{word!r} is no state of a message; there are {', '.join(MessageState)}.")
    return MessageState(word)


def _cells(entry: "Entry") -> tuple[str, ...]:
    return (
        entry.message_id,
        entry.workspace_id,
        entry.kind,
        entry.state,
        _shown(entry.not_before_at),
        str(entry.attempt_count),
        entry.last_error or "",
    )


def _of_entry(entry: "Entry") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(entry) | {"recipients": _ids(entry.recipients)}


def _ids(recipients: str) -> list[str]:
    """A row that is spoilt is shown as it is."""
    try:
        return list(json.loads(recipients))
    except ValueError:
        return [recipients]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _json(found: object) -> str:
    return json.dumps(found, indent=2, default=lambda at: at.isoformat())
