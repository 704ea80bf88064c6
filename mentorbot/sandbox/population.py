"""Who lives in the simulated workspace at the start, read from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUNDLED = Path(__file__).with_name("people.toml")


@dataclass(frozen=True)
class Resident:
    """A person of the workspace, who may not have joined yet.

    `answers` are what they would write into a form, by the block id of its field.
    """

    id: str
    name: str
    about: str = ""
    time_zone: str = "Europe/London"
    locale: str = "en-GB"
    joined: bool = True
    is_admin: bool = False
    channels: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class ChannelPlan:
    """A public channel that is there at the start."""

    id: str
    name: str
    topic: str = ""
    bot_is_member: bool = False
    is_general: bool = False


@dataclass(frozen=True)
class Population:
    """The workspace, its app, its channels and its people."""

    workspace_id: str
    workspace_name: str
    workspace_domain: str
    bot_user_id: str
    bot_id: str
    app_id: str
    bot_name: str
    channels: tuple[ChannelPlan, ...]
    people: tuple[Resident, ...]
    answers: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, path: Path = BUNDLED) -> Population:
        """Read a population file; raises `KeyError` or `TypeError` when it does not fit."""
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            workspace_id=data["workspace"]["id"],
            workspace_name=data["workspace"]["name"],
            workspace_domain=data["workspace"]["domain"],
            bot_user_id=data["bot"]["user_id"],
            bot_id=data["bot"]["bot_id"],
            app_id=data["bot"]["app_id"],
            bot_name=data["bot"]["name"],
            channels=tuple(ChannelPlan(**channel) for channel in data["channels"]),
            people=tuple(_resident(person) for person in data["people"]),
            answers=data.get("answers", {}),
        )

    def answers_of(self, slack_user_id: str) -> dict[str, Any]:
        """What a person would write into a form, by block id; theirs before anybody's."""
        own = next((found.answers for found in self.people if found.id == slack_user_id), {})
        return {**self.answers, **own}


def _resident(person: dict[str, Any]) -> Resident:
    return Resident(**{**person, "channels": tuple(person.get("channels", ()))})
