"""Erased people: a digest keeps who was erased known, when a backup from before is restored.

The digest is of the workspace's id and the person's Slack id or e-mail address, with no secret in
it. Whoever has both the digest and a list of a workspace's people can find out which of them was
erased, and nothing else.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

PREFIX = "ERASED"
"""How the ids begin that stand in place of erased people; no id of Slack's does."""


@dataclass
class Erasure:
    """One erasure of one account or address; who comes back by acting may be erased once more."""

    workspace_id: str
    digest: str
    erasure_id: str
    erased_at: datetime


def digest_of(workspace_id: str, who: str) -> str:
    """What an erased account or address is known by: 64 hexadecimal digits."""
    return hashlib.sha256(f"{workspace_id}:{who}".encode()).hexdigest()


def is_address(who: str) -> bool:
    """Whether somebody is named by an e-mail address, and not by a Slack id."""
    return "@" in who


def of_workspace(workspace_id: str) -> str:
    """What a workspace is known by that was erased as a whole."""
    return digest_of(workspace_id, "*")


def stand_in(erasure_id: str) -> str:
    """The id that takes the person's place; it is told from others, and leads to nobody."""
    return f"{PREFIX}{erasure_id}"


def is_stand_in(slack_user_id: str) -> bool:
    """Whether an id stands for somebody who was erased."""
    return slack_user_id.startswith(PREFIX)
