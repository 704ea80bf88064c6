"""A Slack user object as a person of ours."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field

from mentorbot.domain.model import Person


class _Profile(BaseModel):
    model_config = ConfigDict(extra="ignore")

    real_name: str = ""
    display_name: str = ""
    email: str = ""


class User(BaseModel):
    """The part of Slack's user object that MentorBot keeps; the rest is never stored."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(pattern=r"^[A-Za-z0-9]{1,40}$")
    name: str = ""
    real_name: str = ""
    deleted: bool = False
    is_email_confirmed: bool = True
    is_bot: bool = False
    tz: str | None = None
    locale: str | None = None
    profile: _Profile = _Profile()


def person_from_profile(workspace_id: str, user: dict[str, Any]) -> Person:
    """A person as Slack describes them; an unknown time zone becomes UTC."""
    seen = User.model_validate(user)
    names = (seen.profile.real_name, seen.real_name, seen.profile.display_name, seen.name, seen.id)
    return Person(
        workspace_id=workspace_id,
        slack_user_id=seen.id,
        name=next(name for name in names if name)[:255],
        time_zone=seen.tz if seen.tz in available_timezones() else "UTC",
        locale=(seen.locale or "en")[:20],
        is_bot=seen.is_bot or seen.id == "USLACKBOT",
        is_deactivated=seen.deleted,
    )


def addressed(users: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The ids of Slack users by their confirmed addresses."""
    found = ((confirmed_address(user), str(user["id"])) for user in users)
    return {address: slack_user_id for address, slack_user_id in found if address}


def confirmed_address(user: dict[str, Any]) -> str | None:
    """The e-mail address of a Slack user, in small letters; None where none is told or confirmed.

    Slack tells it with the scope users:read.email alone.
    """
    seen = User.model_validate(user)
    return seen.profile.email.casefold() or None if seen.is_email_confirmed else None
