"""What every command shares: settings or a sentence, refusals with status 2, ids that are ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import typer

if TYPE_CHECKING:
    from mentorbot.config import Settings

WORKSPACE, CHANNEL, PERSON = "TE", "CG", "UW"
"""The first letters of Slack's ids."""


def stop(sentence: str) -> NoReturn:
    """End with a sentence and status 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def settings() -> "Settings":
    """The settings, or a sentence for each that makes no sense."""
    found, faults = settings_or_faults()
    return found or stop("\n".join(faults))


def settings_or_faults() -> "tuple[Settings | None, list[str]]":
    """The settings, or what is wrong with them."""
    from pydantic import ValidationError

    from mentorbot.config import Settings

    try:
        return Settings(), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        named = [(".".join(map(str, it["loc"])).upper(), it["msg"]) for it in found]
        return None, [advice("setting", name=name, why=why) for name, why in named]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None)
        return None, [advice("settings_unreadable", why=reason)]


def advice(key: str, **values: Any) -> str:
    """A sentence of the doctor's."""
    return sentence(f"doctor.{key}", **values)


def sentence(key: str, **values: Any) -> str:
    """A sentence for a terminal, where nothing needs to be kept from becoming a link."""
    from mentorbot.wording import Markup, say

    shown = {name: Markup(it) if isinstance(it, str) else it for name, it in values.items()}
    return say(key, **shown)


def check_slack_id(value: str, first: str, what: str) -> None:
    """End where a value is no Slack id that begins with one of the letters in `first`."""
    if len(value) < 5 or value[0] not in first or not value.isalnum() or not value.isupper():
        stop(f"{value!r} is not a Slack id for {what}; ids look like {first[0]}0123456789.")


@contextmanager
def refusals() -> Iterator[None]:
    """What is refused ends with its sentence; so does a database that cannot be reached."""
    from sqlalchemy.exc import SQLAlchemyError

    from mentorbot.domain.errors import DatabaseRefused, OperatorRefused, Refusal

    try:
        yield
    except (DatabaseRefused, OperatorRefused) as refusal:
        stop(str(refusal))
    except Refusal as refusal:
        stop(sentence(refusal.key, **refusal.values))
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip()
        stop(f"The database could not be used: {said.splitlines()[0]}")


@contextmanager
def reading(file: Path) -> Iterator[BinaryIO]:
    """A file's bytes, to be read more than once; ends where that cannot be."""
    try:
        stream = file.open("rb")
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.")
    with stream:
        if not stream.seekable():
            stop(f"{file} cannot be read twice; save it as a file first.")
        yield stream
